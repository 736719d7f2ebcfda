"""Startup data of other modules in files, and running data kept for the next agent."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from lxml import etree

from smcroute_agent.agent.files import OwnFiles
from smcroute_agent.agent.module_files import ModuleFiles
from smcroute_agent.agent.running_keeper import RunningKeeper
from smcroute_agent.errors import ConfigError, EngineError
from smcroute_agent.yang.data import Container, empty
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.schema import packaged

ACM = "urn:ietf:params:xml:ns:yang:ietf-netconf-acm"
SCHEMA = packaged()
FILE = "ietf-netconf-acm.json"


def tree(default: str = "permit") -> Container:
    return parse(
        SCHEMA,
        etree.fromstring(
            f"<config><nacm xmlns='{ACM}'><write-default>{default}</write-default></nacm></config>"
        ),
    )


def files(directory: Path) -> ModuleFiles:
    return ModuleFiles(SCHEMA, OwnFiles(), str(directory))


async def save(directory: Path, wanted: Container) -> None:
    OwnFiles().replace(await files(directory).changed(wanted))


def test_saved_and_loaded(tmp_path: Path) -> None:
    assert asyncio.run(files(tmp_path).load()) == empty(SCHEMA)
    asyncio.run(save(tmp_path, empty(SCHEMA)))
    assert list(tmp_path.iterdir()) == []
    asyncio.run(save(tmp_path, tree()))
    content = json.loads((tmp_path / FILE).read_text())
    assert content == {"ietf-netconf-acm:nacm": {"write-default": "permit"}}
    assert asyncio.run(files(tmp_path).load()) == tree()
    asyncio.run(save(tmp_path, empty(SCHEMA)))
    assert asyncio.run(files(tmp_path).load()) == empty(SCHEMA)


def test_what_is_the_same_is_not_written(tmp_path: Path) -> None:
    asyncio.run(save(tmp_path, tree()))
    before = (tmp_path / FILE).stat().st_ino
    asyncio.run(save(tmp_path, tree()))
    assert (tmp_path / FILE).stat().st_ino == before


@pytest.mark.parametrize("content", [b"{", b"\xff", b'{"smcroute:smcroute": {"phyint": []}}x'])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        asyncio.run(files(tmp_path).load())
    assert caught.value.path == str(tmp_path / FILE)


def test_a_file_holds_its_own_module_only(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"smcroute:smcroute": {"phyint": [{"name": "eth0"}]}}')
    with pytest.raises(ConfigError, match="another module"):
        asyncio.run(files(tmp_path).load())


class Memory:
    """A handover that keeps one record."""

    def __init__(self) -> None:
        self.records: list[bytes | None] = [None]

    async def save(self, record: bytes) -> None:
        self.records.append(record)

    async def load(self) -> bytes | None:
        return self.records[-1]

    async def clear(self) -> None:
        self.records.append(None)


def test_the_next_agent_finds_what_running_was() -> None:
    async def main() -> None:
        memory, applied = Memory(), []

        async def apply(before: Container, after: Container) -> None:
            applied.append(after)

        keeper = RunningKeeper(SCHEMA, apply, memory)
        await keeper.apply(empty(SCHEMA), tree())
        assert applied == [tree()]
        assert await keeper.load() == tree()
        await keeper.apply(tree(), tree())
        assert len(memory.records) == 2
        await keeper.forget()
        assert await keeper.load() == empty(SCHEMA)

    asyncio.run(main())


def test_what_was_refused_is_not_kept() -> None:
    async def main() -> None:
        memory = Memory()

        async def refuse(before: Container, after: Container) -> None:
            raise EngineError("no")

        keeper = RunningKeeper(SCHEMA, refuse, memory)
        with pytest.raises(EngineError):
            await keeper.apply(tree("deny"), tree())
        assert await keeper.load() == tree("deny")

    asyncio.run(main())
