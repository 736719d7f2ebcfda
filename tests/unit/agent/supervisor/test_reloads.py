"""SIGHUP's orders: none is lost, none comes too early, and a storm of them is two reloads."""

from smcroute_agent.supervisor.reloads import Reloads


def reloads() -> tuple[Reloads, list[None]]:
    sent: list[None] = []
    return Reloads(lambda: sent.append(None)), sent


def test_an_order_waits_until_the_agent_holds_running() -> None:
    orders, sent = reloads()
    orders.order()
    assert not sent
    orders.agent_ready()
    assert len(sent) == 1


def test_a_storm_is_the_reload_under_way_and_one_more() -> None:
    orders, sent = reloads()
    orders.agent_ready()
    for _ in range(100):
        orders.order()
    assert len(sent) == 1
    orders.done()
    assert len(sent) == 2
    orders.done()
    assert len(sent) == 2


def test_what_an_agent_had_not_finished_the_next_one_does() -> None:
    orders, sent = reloads()
    orders.agent_ready()
    orders.order()
    orders.agent_ended()
    orders.order()
    assert len(sent) == 1
    orders.agent_ready()
    assert len(sent) == 2
    orders.done()
    orders.agent_ended()
    orders.agent_ready()
    assert len(sent) == 2
