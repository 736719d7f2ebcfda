"""Tests of lab/requirements.py: the sentences that a newcomer reads."""

from __future__ import annotations

import os

import pytest

from lab import requirements
from lab.requirements import MissingRequirement, check


def test_without_root(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(MissingRequirement, match="need root; run it with sudo"):
        check()


def test_a_missing_command_names_its_package(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(MissingRequirement, match=r"ip is not installed.*apt-get install iproute2"):
        check()


def test_namespaces_that_are_not_permitted(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(requirements, "_unshare_and_exit", lambda: os._exit(1))
    with pytest.raises(MissingRequirement, match="--privileged, or use a virtual machine"):
        check()


def test_a_kernel_without_multicast_routing(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(requirements, "_unshare_and_exit", lambda: os._exit(0))
    monkeypatch.setattr(requirements, "PROC_NET", tmp_path)
    with pytest.raises(MissingRequirement, match="no multicast routing \\(CONFIG_IP_MROUTE\\)"):
        check()
