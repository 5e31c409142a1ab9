"""The table of what the OAuth endpoints refuse names tests that exist."""

import ast
import re

from tests.house.tree import ROOT

TABLE = ROOT / "docs" / "oauth-refusals.md"


def test_each_refusal_of_the_table_has_its_test() -> None:
    rows = [
        row for row in TABLE.read_text(encoding="utf-8").splitlines() if row.startswith("| ") and "What is" not in row
    ]
    assert len(rows) > 50
    tests = [re.fullmatch(r"\| .+ \| .+ \| `(tests/[\w/]+\.py)::(test_\w+)` \|", row) for row in rows]
    assert [row for row, found in zip(rows, tests, strict=True) if found is None] == []
    named = {found.groups() for found in tests if found is not None}
    kept = {
        file: {
            node.name
            for node in ast.parse((ROOT / file).read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef)
        }
        for file in {file for file, _ in named}
    }
    assert {(file, test) for file, test in named if test not in kept[file]} == set()
