"""The users of ietf-system (RFC 7317): their keys and their hashed passwords."""
