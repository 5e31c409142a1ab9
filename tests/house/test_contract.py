"""The contract is written down, explained, and only grows."""

import copy
import os
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

import creditbank_hooks
from creditbank_hooks import CreditPosted, EvidenceVerdict, HostUser
from tests.builders import completed, learner, moment
from tests.house import contract
from tests.house.tree import ROOT

HOOKS, VALUES = contract.hooks(), contract.values()
README = (ROOT / "hooks" / "README.md").read_text()
PARTS = ("**When**", "**Answer**", "**What if it raises**", "**Arguments**", "```python")


def section(title: str) -> str:
    """The text below a heading of hooks/README.md, up to the next heading."""
    found = re.search(rf"^### {re.escape(title)}$(.*?)(?=^##|\Z)", README, re.MULTILINE | re.DOTALL)
    assert found is not None, f"hooks/README.md has no heading ### {title}"
    return found.group(1)


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_explained(name: str) -> None:
    text = section(f"`{name}({', '.join(HOOKS[name]['args'])})`")
    missing = [part for part in PARTS if part not in text and not (part == "**Arguments**" and name == "lms_load")]
    assert missing == []


@pytest.mark.parametrize("name", VALUES)
def test_every_field_of_every_value_is_explained(name: str) -> None:
    if name == "Tiding":
        return  # what every tiding has is explained with each of them
    named = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\|([^|]+)\|", section(f"`{name}`"), re.MULTILINE))))
    assert named == set(VALUES[name]["fields"])
    kind = VALUES[name]["kind"]
    assert kind is None or f"`{kind}`" in section(f"`{name}`")


def test_nothing_is_explained_that_does_not_exist() -> None:
    titles = set(re.findall(r"^### `([A-Za-z_]+)", README, re.MULTILINE))
    assert titles == set(HOOKS) | set(VALUES) - {"Tiding"}


def test_the_recorded_contract_is_the_contract() -> None:
    """Record an addition with ``python -m tests.house.contract`` (from the checkout, ``hooks`` on the path)."""
    assert contract.broken(contract.recorded(), contract.describe()) == []
    assert contract.describe() == contract.recorded(), "something is not recorded yet"


def _without(contract_: dict[str, Any], *path: str) -> dict[str, Any]:
    made = copy.deepcopy(contract_)
    inner = made
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return made


def test_shrinking_is_noticed() -> None:
    now = contract.describe()
    assert contract.broken(now, _without(now, "hooks", "weigh_credit")) == ["hook weigh_credit is gone"]
    assert contract.broken(now, _without(now, "values", "Rule")) == ["value Rule is gone"]
    assert contract.broken(now, _without(now, "values", "Rule", "fields", "scheme")) == ["Rule lost the field scheme"]
    fewer = copy.deepcopy(now)
    fewer["hooks"]["lms_course_completed"]["args"].remove("connection")
    assert contract.broken(now, fewer) == ["lms_course_completed lost the argument connection"]
    other = copy.deepcopy(now)
    other["hooks"]["check_evidence"]["firstresult"] = True
    assert contract.broken(now, other) == ["check_evidence: firstresult changed"]


def test_growing_is_allowed_when_nobody_has_to_change() -> None:
    now = contract.describe()
    grown = copy.deepcopy(now)
    grown["hooks"]["check_evidence"]["args"].append("evidence")
    grown["values"]["Rule"]["fields"]["note"] = {"type": "str", "required": False}
    assert contract.broken(now, grown) == []
    grown["values"]["Rule"]["fields"]["note"]["required"] = True
    assert contract.broken(now, grown) == ["Rule.note must be given now"]


def test_the_contract_needs_the_standard_library_and_pluggy_only() -> None:
    program = (
        "import sys; before = set(sys.modules); import creditbank_hooks\n"
        "import creditbank_hooks.host, creditbank_hooks.news, creditbank_hooks.questions\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - set(sys.stdlib_module_names)))\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "hooks")}
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['creditbank_hooks', 'pluggy']"


def test_values_are_frozen_and_keep_personal_data_out_of_repr() -> None:
    someone = learner(1, name="นักเรียนทดลอง หนึ่ง", national_id="1100000000008")
    told = completed(someone, extra={"note": "ลับ"})
    for secret in ("นักเรียนทดลอง", "1100000000008", "ลับ"):
        assert secret not in repr(told)
    assert "ครูทดลอง" not in repr(HostUser(id="1", display_name="ครูทดลอง"))
    with pytest.raises(FrozenInstanceError):
        told.attempt = 2  # type: ignore[misc]


def test_every_value_takes_keywords_only() -> None:
    """A field that is added later can then stand anywhere."""
    with pytest.raises(TypeError):
        EvidenceVerdict(True, "rule", "source", "th", "en")  # type: ignore[misc]
    with pytest.raises(TypeError):
        CreditPosted("event", "account", "record", "basic", 100, moment())  # type: ignore[misc]


def test_everything_public_is_exported() -> None:
    for name in creditbank_hooks.__all__:
        assert getattr(creditbank_hooks, name) is not None
    assert set(VALUES) <= set(creditbank_hooks.__all__)
