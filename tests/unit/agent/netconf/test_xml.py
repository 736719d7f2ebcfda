"""The parser that octets of a peer reach: what it takes is bounded before it is parsed."""

import pytest

from smcroute_agent.netconf import xml


def test_tags_are_counted_before_they_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_TAGS", 10)
    assert len(xml.parse(b"<a>" + 8 * b"<b/>" + b"</a>")) == 8
    # Not even well-formed: it is not looked at any closer.
    with pytest.raises(xml.NotWellFormed, match="more than 10 tags"):
        xml.parse(b"<a>" + 9 * b"<b/>" + b"</a")
