"""What smcroute's users know: smcroute.conf, the smcroutectl protocol and its tables."""
