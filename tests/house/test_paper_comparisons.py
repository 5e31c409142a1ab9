"""Comparisons that stood before there were proposals are given theirs, with the steps that are known."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text

from creditbank_plugin.rules.terms import Terms
from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.queries import proposals
from creditbank_plugin.storage.session import open_engine, reading, writing
from creditbank_plugin.storage.upgrade import upgrade

AT, ENDED = "2020-01-02 03:04:05.000000", "2021-02-03 04:05:06.000000"


@pytest.fixture
def engine(blank_url: str) -> Iterator[Engine]:
    made = open_engine(blank_url)
    yield made
    made.dispose()


def lay(engine: Engine) -> list[str]:
    """Three comparisons as the revision before knew them: one that applies, one of each way to end."""
    course, framework, items = new_id(), new_id(), [new_id(), new_id()]
    ids = [new_id() for _ in range(3)]
    plain = (lambda value: value.replace("-", "")) if engine.dialect.name == "sqlite" else (lambda value: value)

    def put(connection: Any, table: str, **row: Any) -> None:
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        connection.execute(text(f"insert into {table} ({names}) values ({values})"), row)

    with writing(engine) as connection:
        put(connection, "creditbank_organisation", code="P51", kind="province", name_th="ลำพูน")
        put(
            connection,
            "creditbank_course",
            id=plain(course),
            owner_code="P51",
            code="ท21101",
            version="2551",
            title_th="ภาษาไทย",
            added_at=AT,
        )
        put(
            connection,
            "creditbank_framework",
            id=plain(framework),
            code="core",
            title_th="หลักสูตร",
            source="s",
            evidence="primary",
        )
        for place, item in enumerate(items):
            put(connection, "creditbank_item", id=plain(item), framework_id=plain(framework), code=f"ท {place}")
        for id_, ended in zip(ids, (None, "withdrawn", "superseded"), strict=True):
            put(
                connection,
                "creditbank_comparison",
                id=plain(id_),
                course_id=plain(course),
                body_code="P51",
                scheme="basic",
                credits=150,
                conditions='{"min_score": 50}',
                reference="ประกาศ 1/2563",
                approved_at=AT,
                applies_from="2020-01-01",
                ended_from="2021-01-01" if ended else None,
                ended_as=ended,
                ended_at=ENDED if ended else None,
                entered_by="u-1",
            )
            for place, item in enumerate(reversed(items), start=1):
                put(
                    connection,
                    "creditbank_comparison_item",
                    comparison_id=plain(id_),
                    item_id=plain(item),
                    position=place,
                )
    return [*ids, *reversed(items)]


def test_each_comparison_gets_its_proposal_and_its_steps(engine: Engine) -> None:
    upgrade(engine, "creditbank_0007")
    standing, withdrawn, superseded, *items = lay(engine)
    upgrade(engine)
    with reading(engine) as connection:
        found = {each: proposals.proposal(connection, each) for each in (standing, withdrawn, superseded)}
        assert {each: row.state for each, row in found.items() if row is not None} == {
            standing: "approved",
            withdrawn: "withdrawn",
            superseded: "superseded",
        }
        row = found[standing]
        terms = Terms.from_json(row.terms)
        assert (terms.credits, terms.scheme, terms.outcomes) == (150, "basic", tuple(items))
        assert terms.conditions == {"min_score": 50}
        assert (row.group_id, row.made_by, row.reference, row.made_at) == (
            None,
            "u-1",
            "ประกาศ 1/2563",
            row.approved_at,
        )
        told = [(step.number, step.action, step.to_state) for step in proposals.steps(connection, superseded)]
        assert told == [(1, "enter_paper", "approved"), (2, "supersede", "superseded")]
        assert len(proposals.steps(connection, standing)) == 1
