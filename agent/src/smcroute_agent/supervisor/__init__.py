"""smcrouted's own process: starts the engine and the agent and keeps both alive.

It holds the privilege that a restart of the engine needs, reads no configuration and no
network, and speaks with its children in a few typed messages.
"""
