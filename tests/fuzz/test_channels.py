"""What one process tells another: whatever it is, it is refused or understood."""

from __future__ import annotations

import json
import socket

from hypothesis import given
from hypothesis import strategies as st

from smcroute_agent.channel import Channel, ChannelClosed
from smcroute_agent.engine.encoding import decode_key, decode_rules, encode_key, encode_rules
from smcroute_agent.errors import DataError
from smcroute_agent.rules import rule_key
from tests.effort import effort
from tests.fuzz.messages import rules, values


@effort(3)
@given(values | rules)
def test_any_value_is_a_rule_or_refused(value: object) -> None:
    try:
        rules = decode_rules(value)
    except DataError:
        return
    wires = json.loads(json.dumps(list(encode_rules(rules))))
    assert [rule for wire in wires for rule in decode_rules(wire)] == rules
    for key in map(rule_key, rules):
        assert decode_key(json.loads(json.dumps(encode_key(key)))) == key


@effort(2)
@given(values | rules)
def test_any_value_is_a_key_or_refused(value: object) -> None:
    try:
        key = decode_key(value)
    except DataError:
        return
    assert decode_key(encode_key(key)) == key


@effort()
@given(
    st.lists(
        st.binary(min_size=1, max_size=60) | values.map(json.dumps).map(str.encode), max_size=5
    )
)
def test_any_packet_is_a_message_or_refused(packets: list[bytes]) -> None:
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    channel = Channel(right)
    try:
        for packet in packets:
            left.send(packet)
            try:
                received = channel.receive()
            except ValueError:
                continue
            assert received is not None
            assert isinstance(received[0], dict)
        left.close()
        try:
            channel.receive()
        except ChannelClosed:
            return
        raise AssertionError("the end was not seen")
    finally:
        left.close()
        channel.close()
