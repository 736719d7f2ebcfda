"""Tests of .ci/gates/lanes.py: what becomes of gates that fail."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[3] / ".ci" / "gates" / "lanes.py"


def load():
    spec = importlib.util.spec_from_file_location("gates_lanes", FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


lanes = load()


def gate(name, *command, needed=False):
    return lanes.Gate(name, lambda log: log.run(command), needed)


def test_all_gates_run_whatever_fails_and_the_failed_are_named(tmp_path, capsys):
    failed = lanes.pass_all(
        [
            [gate("one", "true"), gate("two", "sh", "-c", "echo why; exit 3")],
            [gate("three", "false"), gate("four", "touch", str(tmp_path / "four"))],
        ],
        tmp_path / "logs",
    )
    assert sorted(failed) == ["three", "two"]
    assert (tmp_path / "four").exists()
    said = capsys.readouterr().out
    assert "gate one: ok (0 s)\n" in said
    assert "why\n" in said
    assert "gate two: FAILED: sh: exit code 3 (0 s)\n" in said


def test_nothing_of_a_lane_runs_without_what_it_needs(tmp_path):
    lane = [gate("venv", "false", needed=True), gate("use", "touch", str(tmp_path / "used"))]
    assert lanes.pass_all([lane], tmp_path) == ["venv"]
    assert not (tmp_path / "used").exists()


@pytest.mark.parametrize("command", [["/nonexistent/command"], ["sleep", "60"]])
def test_a_command_that_cannot_run_or_hangs_fails(tmp_path, monkeypatch, command):
    monkeypatch.setattr(lanes, "TIMEOUT", 0.1)
    assert lanes.pass_all([[gate("it", *command)]], tmp_path) == ["it"]


def test_a_log_is_new_with_every_run(tmp_path):
    for _ in range(2):
        lanes.pass_all([[gate("a b", "echo", "said")]], tmp_path)
    assert (tmp_path / "a-b.log").read_text() == "$ echo said\nsaid\n"
