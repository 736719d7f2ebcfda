"""Tests of lab/account.py."""

from __future__ import annotations

from lab.account import Account, Line, table

RIGHT = Line("(S,G)", "192.0.2.10 > 225.1.2.3", 100, (100, 0), (100, 0))
WRONG = Line("(*,G)", "192.0.2.10 > 225.2.0.1", 100, (99, 0), (100, 0))


def test_a_table_has_a_line_a_flow_and_marks_what_is_wrong():
    heading, right, wrong = table([RIGHT, WRONG]).splitlines()
    assert heading.split() == ["rule", "flow", "sent", "receiver0", "receiver1", "expected"]
    assert "WRONG" not in right
    assert wrong.endswith("100 / 0   <-- WRONG")


def test_all_right_is_exit_code_0(capsys):
    account = Account()
    account.packets([RIGHT])
    account.check("changed", 3, 3)
    assert account.close() == 0
    assert "All as it should be" in capsys.readouterr().out


def test_a_packet_too_few_is_exit_code_1(capsys):
    account = Account()
    account.packets([RIGHT, WRONG])
    assert account.close() == 1
    assert "225.2.0.1: received (99, 0), expected (100, 0)" in capsys.readouterr().out


def test_a_wrong_changed_count_is_exit_code_1(capsys):
    account = Account()
    account.check("changed", 1, 0)
    assert account.close() == 1
    assert "changed: 1, expected 0" in capsys.readouterr().out
