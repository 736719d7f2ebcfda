"""Static multicast routing for Linux: engine, NETCONF agent, smcrouted and smcroutectl."""

__version__ = "0.1.0"
