"""The operations of NETCONF: one function each, found through the table in dispatch.py."""
