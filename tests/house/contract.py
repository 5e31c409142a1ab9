"""Describe the contract as it is, and record it: ``python -m tests.house.contract`` (refuses to shrink it)."""

import inspect
import json
import sys
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any

import pluggy

import creditbank_hooks
from creditbank_hooks import host, markers, news, questions

FILE = Path(creditbank_hooks.__file__).with_name("contract.json")
DOORS = {"front": (markers.HOST_PROJECT, (host,)), "side": (markers.PROJECT, (questions, news))}


def hooks() -> dict[str, dict[str, Any]]:
    """Every hook: its door, its arguments, and how its answers are taken."""
    found = {}
    for door, (project, modules) in DOORS.items():
        manager = pluggy.PluginManager(project)
        for module in modules:
            manager.add_hookspecs(module)
        for name, caller in vars(manager.hook).items():
            if not name.startswith("_"):
                spec = caller.spec
                how = {option: bool(spec.opts[option]) for option in ("firstresult", "historic")}
                found[name] = {"door": door, "args": list(spec.argnames), **how}
    return dict(sorted(found.items()))


def values() -> dict[str, dict[str, Any]]:
    """Every value of the contract: its fields with their types, and which must be given."""
    exported = {name: getattr(creditbank_hooks, name) for name in creditbank_hooks.__all__}
    return {
        name: {"kind": vars(value).get("kind"), "fields": {each.name: _field(each) for each in fields(value)}}
        for name, value in sorted(exported.items())
        if isinstance(value, type) and is_dataclass(value)
    }


def _field(each: "Field[Any]") -> dict[str, Any]:
    type_ = each.type if isinstance(each.type, str) else inspect.formatannotation(each.type)
    return {"type": type_, "required": each.default is MISSING and each.default_factory is MISSING}


def describe() -> dict[str, Any]:
    return {"version": list(creditbank_hooks.CONTRACT_VERSION), "hooks": hooks(), "values": values()}


def recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def broken(was: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What somebody who built on ``was`` would miss in ``now``; empty when the contract only grew."""
    wrong = []
    for name, hook in was["hooks"].items():
        other = now["hooks"].get(name)
        if other is None:
            wrong.append(f"hook {name} is gone")
            continue
        wrong += [f"{name} lost the argument {each}" for each in hook["args"] if each not in other["args"]]
        wrong += [f"{name}: {key} changed" for key in ("door", "firstresult", "historic") if hook[key] != other[key]]
    for name, value in was["values"].items():
        other = now["values"].get(name)
        if other is None:
            wrong.append(f"value {name} is gone")
            continue
        if value["kind"] != other["kind"]:
            wrong.append(f"{name} changed its kind")
        wrong += _fields_broken(name, value["fields"], other["fields"])
    return wrong


def _fields_broken(name: str, was: dict[str, Any], now: dict[str, Any]) -> list[str]:
    gone = [f"{name} lost the field {each}" for each in was if each not in now]
    changed = [
        f"{name}.{each} changed its type" for each in was if each in now and was[each]["type"] != now[each]["type"]
    ]
    needed = [
        f"{name}.{each} must be given now"
        for each, field in now.items()
        if field["required"] and not was.get(each, {"required": False})["required"]
    ]
    return gone + changed + needed


def record() -> list[str]:
    """Write the contract down; nothing is written, and what is broken returned, when it does not only grow."""
    now = describe()
    wrong = broken(recorded(), now) if FILE.exists() and FILE.read_text().strip() else []
    if not wrong:
        FILE.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return wrong


if __name__ == "__main__":
    sys.exit("\n".join(record()) or 0)
