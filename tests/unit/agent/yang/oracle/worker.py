"""The oracles as processes of their own virtual environment."""

from __future__ import annotations

import json
import select
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from .models import Model

HERE = Path(__file__).parent
PYTHON = HERE.parents[4] / ".venv-oracles" / "bin" / "python"

PATIENCE = 60.0
"""Seconds in which an oracle answers; the documents are small."""


class Answer(NamedTuple):
    """An oracle's verdict.

    path: of the node that it names, in the oracle's own words. crash: an error that is not
    of the kind that the oracle refuses documents with. tree: the data with all defaults.
    """

    accepted: bool
    message: str = ""
    path: str | None = None
    app_tag: str | None = None
    crash: bool = False
    tree: Any = None
    nodes: Any = None


class Oracle:
    """One oracle with one model loaded."""

    def __init__(self, name: str, model: Model) -> None:
        self.name = name
        self._command = [
            str(PYTHON),
            str(HERE / f"{name}_worker.py"),
            json.dumps(_LOADED[name](model)),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Oracle:
        if not PYTHON.exists():
            raise RuntimeError(f"{PYTHON} is missing: run `make oracles` first")
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.stdout.close()
        process.kill()
        process.wait()
        self._process = None

    def ask(self, **question: Any) -> Answer:
        """One question, such as check=DOCUMENT."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(question).encode() + b"\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
        line = process.stdout.readline() if ready else b""
        if not line:
            self.__exit__(None, None, None)
            self.__enter__()
            return Answer(False, f"{self.name} died or hung", crash=True)
        return Answer(**json.loads(line))


def _for_libyang(model: Model) -> Mapping[str, Any]:
    features = {item.name: item.features for item in model.served}
    return {"path": model.path, "modules": {**features, **dict.fromkeys(model.deviations)}}


def _for_yangson(model: Model) -> Mapping[str, Any]:
    modules = model.schema.modules
    served = {item.name for item in model.served} | set(model.deviations)
    return {
        "path": model.path,
        "library": {
            "ietf-yang-library:modules-state": {
                "module-set-id": model.name,
                "module": [_listed(modules[name], name in served, model) for name in modules],
            }
        },
    }


def _listed(module: Any, implemented: bool, model: Model) -> Mapping[str, Any]:
    said: dict[str, Any] = {
        "name": module.name,
        "revision": module.revision,
        "namespace": module.namespace,
        "feature": list(module.features),
        "conformance-type": "implement" if implemented else "import",
    }
    if module.deviations:
        said["deviation"] = [
            {"name": name, "revision": model.schema.modules[name].revision}
            for name in module.deviations
        ]
    submodules = model.submodules(module.name)
    if submodules:
        said["submodule"] = [{"name": name, "revision": revision} for name, revision in submodules]
    return said


_LOADED = {"libyang": _for_libyang, "yangson": _for_yangson}
