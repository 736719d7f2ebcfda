"""The unprivileged agent: wires datastores, NETCONF, the smcroutectl socket and the engine.

Everything that faces a person or a network runs in this process, without root and without
capabilities.  It alone knows the engine's protocol.
"""
