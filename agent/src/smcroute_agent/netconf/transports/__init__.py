"""What carries a NETCONF session: a UNIX socket, SSH, or OpenSSH's sshd through a relay."""
