"""libyang as a process: one question a line, one answer a line, both JSON.

    python libyang_worker.py MODEL

MODEL is JSON: "path" (directories), "modules" (name to features, null for all).
Runs in the oracles' own virtual environment, so it imports nothing of this repository.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import libyang
from _libyang import ffi, lib

PARSE = lib.LYD_PARSE_STRICT | lib.LYD_PARSE_NO_STATE
PRINT = lib.LYD_PRINT_WITHSIBLINGS | lib.LYD_PRINT_SHRINK


class Refused(Exception):
    """libyang said no."""


class Oracle:
    """A context with the modules of a model."""

    def __init__(self, model: Any) -> None:
        self.context = libyang.Context(":".join(model["path"]), disable_searchdir_cwd=True)
        for name, features in model["modules"].items():
            kept = [ffi.new("char[]", feature.encode()) for feature in features or ("*",)]
            if features == []:
                kept = []
            listed = ffi.new("const char *[]", [*kept, ffi.NULL])
            if not lib.ly_ctx_load_module(self.context.cdata, name.encode(), ffi.NULL, listed):
                raise self.context.error("cannot load %s", name)
        libyang.configure_logging(enable_py_logger=False)
        lib.ly_log_options(lib.LY_LOSTORE)

    def refused(self) -> Refused:
        """The first error that is stored."""
        said = {"message": "", "path": None, "app_tag": None}
        item = lib.ly_err_first(self.context.cdata)
        while item:
            if item.level == lib.LY_LLERR:
                said = {
                    "message": _text(item.msg),
                    "path": _text(item.path),
                    "app_tag": _text(item.apptag),
                }
                break
            item = item.next
        lib.ly_err_clean(self.context.cdata, ffi.NULL)
        return Refused(said)

    def parse(self, xml: str, flags: int = PARSE) -> Any:
        """The first node of the valid data of a document; NULL when there is none."""
        lib.ly_err_clean(self.context.cdata, ffi.NULL)
        tree = ffi.new("struct lyd_node **")
        text = ffi.new("char[]", xml.encode())
        code = lib.lyd_parse_data_mem(
            self.context.cdata, text, lib.LYD_XML, flags, lib.LYD_VALIDATE_NO_STATE, tree
        )
        if code != lib.LY_SUCCESS:
            raise self.refused()
        return tree

    def show(self, tree: Any, flags: int = lib.LYD_PRINT_WD_ALL) -> str:
        """A tree as XML."""
        if not tree[0]:
            return ""
        text = ffi.new("char **")
        lib.lyd_print_mem(text, tree[0], lib.LYD_XML, PRINT | flags)
        shown = _text(text[0]) or ""
        lib.free(text[0])
        return shown

    def check(self, question: Any) -> Any:
        """Is the document valid; the data with all defaults."""
        tree = self.parse(question["check"])
        shown = self.show(tree)
        lib.lyd_free_all(tree[0])
        return {"tree": shown}

    def message(self, question: Any) -> Any:
        """Is an RPC's or action's input valid, or a notification; or, of the call in "of", the
        output."""
        lib.ly_err_clean(self.context.cdata, ffi.NULL)
        asked = question["message"]
        tree, call = self.operation(asked.get("of", asked["xml"]), TYPES[asked["kind"]])
        try:
            if "of" in asked:
                text = REPLY.format(asked["xml"])
                envelope, _ = self.operation(text, TYPES["reply"], call[0])
                lib.lyd_free_all(envelope[0])
            kind = lib.LYD_TYPE_REPLY_YANG if "of" in asked else TYPES[asked["kind"]]
            code = lib.lyd_validate_op(tree[0], ffi.NULL, kind, ffi.NULL)
            if code != lib.LY_SUCCESS:
                raise self.refused()
        finally:
            lib.lyd_free_all(tree[0])
        return {}

    def operation(self, xml: str, kind: Any, call: Any = ffi.NULL) -> Any:
        """A message, not validated, and the operation in it.

        call: of a reply, the operation that it is the reply to, which it is put into.
        """
        source = ffi.new("struct ly_in **")
        text = ffi.new("char[]", xml.encode())
        lib.ly_in_new_memory(text, source)
        tree, found = ffi.new("struct lyd_node **"), ffi.new("struct lyd_node **")
        wanted = ffi.NULL if call else found
        code = lib.lyd_parse_op(
            self.context.cdata, call, source[0], lib.LYD_XML, kind, tree, wanted
        )
        if code != lib.LY_SUCCESS:
            lib.lyd_free_all(tree[0])
            raise self.refused()
        return tree, found

    def merge(self, question: Any) -> Any:
        """Two valid documents merged, as by edit-config."""
        # Not validated yet, so that the defaults are not there as if they had been set.
        plain = PARSE | lib.LYD_PARSE_ONLY
        first, second = (self.parse(xml, plain) for xml in question["merge"])
        code = lib.lyd_merge_siblings(first, second[0], 0)
        if code == lib.LY_SUCCESS:
            code = lib.lyd_validate_all(
                first, self.context.cdata, lib.LYD_VALIDATE_NO_STATE, ffi.NULL
            )
        refused = self.refused() if code != lib.LY_SUCCESS else None
        shown = "" if refused else self.show(first)
        lib.lyd_free_all(first[0])
        lib.lyd_free_all(second[0])
        if refused:
            raise refused
        return {"tree": shown}

    def diff(self, question: Any) -> Any:
        """What leads from one valid document to another."""
        first, second = (self.parse(xml) for xml in question["diff"])
        found = ffi.new("struct lyd_node **")
        code = lib.lyd_diff_siblings(first[0], second[0], 0, found)
        refused = self.refused() if code != lib.LY_SUCCESS else None
        shown = "" if refused else self.show(found, lib.LYD_PRINT_WD_EXPLICIT)
        for tree in (first, second, found):
            lib.lyd_free_all(tree[0])
        if refused:
            raise refused
        return {"tree": shown}

    def schema(self, question: Any) -> Any:
        """The data nodes of the model's modules: kind, and what is said of each."""
        found: dict[str, Any] = {}
        for name in question["schema"]:
            module = self.context.get_module(name)
            for node in module.children(types=DATA):
                _walk(node, "", found)
        return {"nodes": found}


TYPES = {
    "input": lib.LYD_TYPE_RPC_YANG,
    "output": lib.LYD_TYPE_RPC_YANG,
    "notification": lib.LYD_TYPE_NOTIF_YANG,
    "reply": lib.LYD_TYPE_REPLY_NETCONF,
}
"""How a message is parsed; an output is one of the RPC or action that it is the output of."""

REPLY = '<rpc-reply xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">{}</rpc-reply>'

DATA = tuple(
    getattr(libyang.SNode, name)
    for name in ("CONTAINER", "LIST", "LEAF", "LEAFLIST", "ANYDATA", "ANYXML")
)


def _walk(node: Any, above: str, found: dict[str, Any]) -> None:
    kind = node.keyword()
    path = f"{above}/{node.module().name()}:{node.name()}"
    said: dict[str, Any] = {
        "kind": kind,
        "config": not node.config_false(),
        "mandatory": kind != "container" and node.mandatory(),
    }
    if kind == "list":
        said["keys"] = [key.name() for key in node.keys()]  # noqa: SIM118
    if kind in ("list", "leaf-list"):
        said["ordered-by-user"] = node.ordered()
    if kind in ("leaf", "leaf-list"):
        base = node.type().basename()
        said["base"] = "instance-identifier" if base == "instance-id" else base
    if kind == "container":
        said["presence"] = node.presence() is not None
    found[path] = said
    if kind in ("container", "list"):
        for child in node.children(types=DATA):
            _walk(child, path, found)


def _text(value: Any) -> str | None:
    return ffi.string(value).decode() if value else None


def main() -> None:
    """Answer until the input ends."""
    oracle = Oracle(json.loads(sys.argv[1]))
    answers = {
        name: getattr(oracle, name) for name in ("check", "message", "merge", "diff", "schema")
    }
    for line in sys.stdin:
        question = json.loads(line)
        (name,) = question
        try:
            answer = {"accepted": True, **answers[name](question)}
        except Refused as refused:
            answer = {"accepted": False, **refused.args[0]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
