"""Configuration datastores (RFC 6241, section 5) over any YANG schema."""
