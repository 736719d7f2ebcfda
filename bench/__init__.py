"""Benchmarks: ours and Debian's smcrouted, side by side in the same run; the NETCONF agent."""
