"""yangson as a process: one question a line, one answer a line, both JSON.

    python yangson_worker.py MODEL

MODEL is JSON: "path" (directories), "library" (ietf-yang-library:modules-state).  Documents
are JSON too (RFC 7951).  Runs in the oracles' own virtual environment, so it imports nothing
of this repository.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from yangson import DataModel
from yangson.enumerations import ContentType, ValidationScope
from yangson.exceptions import InstanceException, YangsonException


def check(model: DataModel, document: Any) -> Any:
    """Is the document valid; the data with all defaults."""
    instance = model.from_raw(document)
    instance.validate(ValidationScope.all, ContentType.config)
    return {"tree": instance.add_defaults(ContentType.config).raw_value()}


def refusal(error: Exception) -> Any:
    """What yangson says against a document."""
    path = getattr(error, "path", None)
    if isinstance(error, InstanceException):
        path = error.instance.json_pointer()
    return {
        "accepted": False,
        "message": f"{type(error).__name__}: {error}",
        "path": path,
        "app_tag": getattr(error, "tag", None),
    }


def main() -> None:
    """Answer until the input ends."""
    said = json.loads(sys.argv[1])
    model = DataModel(json.dumps(said["library"]), tuple(said["path"]))
    for line in sys.stdin:
        try:
            answer = {"accepted": True, **check(model, json.loads(line)["check"])}
        except YangsonException as error:
            answer = refusal(error)
        except Exception as error:  # a crash of yangson is an answer, too
            answer = {**refusal(error), "crash": True}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
