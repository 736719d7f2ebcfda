"""Benchmarks of the NETCONF agent: a raw client, the real daemon, the kernel included."""
