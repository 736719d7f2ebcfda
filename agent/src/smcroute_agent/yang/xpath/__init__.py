"""XPath 1.0 over data trees, with the functions of YANG 1.1 (RFC 7950, section 10)."""
