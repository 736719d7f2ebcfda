"""python -m bench.netconf.load KIND SOCKET: keeps the agent busy until it is killed.

A process of its own, so that the one that takes the time is not held up, and as nice as can be.
It prints a line when the load is there.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from . import requests
from .client import END_1_1, Client, UnixClient, message

ROUTES = 10_000
SUBSCRIBERS = 20
SUBSCRIBE = b'<create-subscription xmlns="urn:ietf:params:xml:ns:netconf:notification:1.0"/>'


def edits(client: Client) -> Iterator[None]:
    """10 000 routes are added and deleted."""
    everything = requests.edit(requests.routes(ROUTES))
    yield
    while True:
        client.ask(everything)
        client.ask(requests.delete_all(requests.TEMPLATE))


def get_config(client: Client) -> Iterator[None]:
    """The configuration of 10 000 routes is read."""
    yield from _read(client, requests.get_config())


def get(client: Client) -> Iterator[None]:
    """The state of 10 000 routes is read from the engine and the kernel."""
    yield from _read(client, requests.get())


def _read(client: Client, operation: bytes) -> Iterator[None]:
    client.ask(requests.edit(requests.routes(ROUTES)))
    yield
    while True:
        client.ask(operation)


def subscribers(client: Client) -> Iterator[None]:
    """20 sessions are told of every flow that is learned, and of one-route edits all the time."""
    routes = [requests.edit([route]) for route in requests.routes(100)]
    client.ask(SUBSCRIBE)
    with contextlib.ExitStack() as stack:
        others = [stack.enter_context(_subscriber(client)) for _ in range(SUBSCRIBERS - 1)]
        for other in others:
            os.set_blocking(other._reading, False)
        yield
        while True:
            for operation in (*routes, requests.delete_all(requests.TEMPLATE)):
                client.send(message(operation))
                while b"<rpc-reply" not in client.receive(END_1_1):
                    pass
                for other in others:
                    with contextlib.suppress(BlockingIOError):
                        os.read(other._reading, 1 << 20)


def _subscriber(first: Client) -> Client:
    other = UnixClient(Path(sys.argv[2]))
    other.ask(SUBSCRIBE)
    return other


KINDS: dict[str, Callable[[Client], Iterator[None]]] = {
    "edits of 10 000": edits,
    "get-config of 10 000": get_config,
    "get of 10 000": get,
    "20 subscribers": subscribers,
}


def main() -> None:
    kind, path = sys.argv[1:]
    os.nice(19)
    with UnixClient(Path(path)) as client:
        work = KINDS[kind](client)
        next(work)
        print("ready", flush=True)
        next(work)


if __name__ == "__main__":
    main()
