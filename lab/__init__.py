"""A lab of network namespaces with real packets: for the demo, the tests and the benchmarks."""

from .daemon import Daemon
from .host import Host
from .multicast import Receiver, Sender
from .topology import Lab
from .wait import WaitTimeout, wait_for

__all__ = ["Daemon", "Host", "Lab", "Receiver", "Sender", "WaitTimeout", "wait_for"]
