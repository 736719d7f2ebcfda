"""The privileged process: the only part that talks to the kernel about multicast."""
