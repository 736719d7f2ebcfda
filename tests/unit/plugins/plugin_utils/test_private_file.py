"""Files that hold a backup."""

from __future__ import annotations

import stat
from unittest import mock

import pytest

from ansible_collections.mcast.smcroute.plugins.plugin_utils.private_file import (
    Unwritable,
    check,
    write,
)


def test_only_its_owner_reads_it_whatever_was_there(tmp_path):
    path = tmp_path / "r1.xml"
    path.write_text("an old one that anyone may read")
    path.chmod(0o644)
    check(str(path))
    write(str(path), "<config/>\n")
    assert path.read_text() == "<config/>\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "why"), [("nowhere/r1.xml", "there is no directory"), (".", "it is a directory")]
)
def test_where_there_can_be_none(tmp_path, name, why):
    with pytest.raises(Unwritable, match=why):
        check(str(tmp_path / name))


def test_where_the_user_may_not_write(tmp_path):
    with (
        mock.patch("os.access", return_value=False),
        pytest.raises(Unwritable, match="may not be written to"),
    ):
        check(str(tmp_path / "r1.xml"))


def test_a_full_disk_leaves_what_was_there(tmp_path):
    path = tmp_path / "r1.xml"
    path.write_text("the old one")
    with (
        mock.patch("os.replace", side_effect=OSError(28, "No space left on device")),
        pytest.raises(Unwritable, match="No space left on device"),
    ):
        write(str(path), "<config/>\n")
    assert path.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [path]
