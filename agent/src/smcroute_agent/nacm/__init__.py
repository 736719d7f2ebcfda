"""Access control (RFC 8341): who may execute, read and write what.  Pure: trees in, answers out."""
