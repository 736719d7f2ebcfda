"""Every errno that a user can meet gets a sentence and a remedy."""

from __future__ import annotations

import errno

import pytest

from smcroute_agent.engine.kernel.refusals import ADD_VIF, JOIN, OPEN, WRITE_ENTRY, explain
from smcroute_agent.errors import EngineError, ResourceError, SystemProblem

ABOUT = {"family": "IPv4", "table": 7, "interface": "eth0", "sysctl": "net.ipv4.igmp_max_msf"}


@pytest.mark.parametrize(
    ("operation", "number", "type_", "words"),
    [
        (OPEN, errno.EPERM, SystemProblem, "as root, or with CAP_NET_ADMIN"),
        (OPEN, errno.EACCES, SystemProblem, "as root, or with CAP_NET_ADMIN"),
        (OPEN, errno.ENOPROTOOPT, SystemProblem, "CONFIG_IP_MROUTE"),
        (OPEN, errno.EPROTONOSUPPORT, SystemProblem, "CONFIG_IP_MROUTE"),
        (OPEN, errno.EAFNOSUPPORT, SystemProblem, "CONFIG_IP_MROUTE"),
        (OPEN, errno.EADDRINUSE, SystemProblem, "routing table 7; stop it, or choose another"),
        (OPEN, errno.EINVAL, SystemProblem, "routing table 7"),
        (OPEN, errno.EIO, SystemProblem, "Input/output error"),
        (ADD_VIF, errno.ENFILE, ResourceError, "eth0"),
        (ADD_VIF, errno.EADDRNOTAVAIL, EngineError, "eth0"),
        (ADD_VIF, errno.ENOMEM, ResourceError, "add a VIF"),
        (WRITE_ENTRY, errno.ENOMEM, ResourceError, "write a forwarding entry"),
        (WRITE_ENTRY, errno.EIO, EngineError, "Input/output error"),
        (JOIN, errno.ENOBUFS, ResourceError, "raise the sysctl net.ipv4.igmp_max_msf"),
        (JOIN, errno.ENODEV, EngineError, "eth0"),
    ],
)
def test_refusal(operation, number, type_, words):
    error = explain(operation, OSError(number, ""), **ABOUT)
    assert isinstance(error, type_)
    assert words in str(error)
    assert error.remedy
    assert "{" not in str(error)
