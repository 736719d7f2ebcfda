"""What netopeer2 2.7.2 took for the same, with a raw client over SSH and a model of the same shape.

Measured once on a machine of two cores and noted here: it is not run beside ours.  It forwards
no packet; our figures include the kernel's part.
"""

NAME = "netopeer2"

EDIT = {1: 2.4, 1000: 35.0, 10_000: 523.0}
GET_CONFIG = {1: 8.8, 1000: 11.0, 10_000: 100.0}
SUBTREE, XPATH = 7.4, 1.2
DELETE_ALL = 157.0
CONNECT = 16.0
"""Milliseconds."""

EDITS_A_SECOND = {0: 407.0, 1000: 106.0, 10_000: 13.0}

HUNDRED_SESSIONS = 4.6
"""Seconds."""

MEMORY = {0: 18.0, 10_000: 96.0}
"""MB."""
