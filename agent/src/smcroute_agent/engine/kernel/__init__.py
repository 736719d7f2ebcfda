"""The kernel's side: the only place that knows socket options and netlink layouts."""
