"""What credit rests on is in the chain: rewriting a decision, its message or a record shows."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text

from creditbank_plugin.rules import ledger
from creditbank_plugin.services import events
from creditbank_plugin.services.proving import verify
from creditbank_plugin.services.settling.casebook import Casebook
from creditbank_plugin.storage.session import open_engine, writing
from tests.builders import House, add_course, completed, moment, revoked


def rewrite(house: House, table: str, change: str) -> None:
    """Change rows behind the guards, as one could who owns the database."""
    with writing(house.runtime.engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"alter table {table} disable trigger user"))
        else:
            for each in ("update", "delete", "insert"):
                connection.execute(text(f"drop trigger if exists {table}_guard_{each}"))
        connection.execute(text(change))


def broken(house: House) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = verify.verify(house.runtime)["broken"]
    return found


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("decision", "credits = 9900"),
        ("decision", "state = 'withheld'"),
        ("decision", "reason = 'credited.stale'"),
        ("decision", "verdict = 'x'"),
        ("decision", "passed = not passed"),
        ("decision", "version = 7"),
        ("decision", "outcomes = '[]'"),
        ("decision", "explanation = '[]'"),
        ("decision", "applies_to = null"),
        ("decision", "comparison_id = null"),
        ("decision", "adoption_id = null"),
        ("decision", "record_id = null"),
        ("decision", "course_id = null"),
        ("decision", "account_id = null"),
        ("inbox", "facts = '{}'"),
    ],
)
def test_a_rewritten_decision_or_message_shows(house: House, table: str, change: str) -> None:
    house.bank.hear(completed())
    assert broken(house) == []
    rewrite(house, f"creditbank_{table}", f"update creditbank_{table} set {change}")
    (found,) = broken(house)
    assert found["seq"] == 1
    assert "the decision it rests on, or its message, was changed" in found["why"]


def test_a_score_put_up_shows(house: House) -> None:
    house.bank.hear(completed())
    facts = "replace(facts, '\"80\"', '\"95\"')"
    if house.runtime.engine.dialect.name == "postgresql":
        facts = "replace(facts::text, '\"80\"', '\"95\"')::json"
    rewrite(house, "creditbank_inbox", f"update creditbank_inbox set facts = {facts}")
    assert [each["seq"] for each in broken(house)] == [1]


def test_a_record_moved_to_another_course_or_account_shows(house: House) -> None:
    other = add_course(house, "ท21102")
    house.bank.hear(completed(1))
    house.bank.hear(completed(2))
    course = other.replace("-", "") if house.runtime.engine.dialect.name == "sqlite" else other
    first = "(select min(account_id) from creditbank_entry)"
    if house.runtime.engine.dialect.name == "postgresql":
        first = "(select account_id from creditbank_entry order by account_id limit 1)"
    rewrite(
        house, "creditbank_record", f"update creditbank_record set course_id = '{course}' where account_id = {first}"
    )
    (found,) = broken(house)
    assert found["why"] == "its record belongs to another course"
    rewrite(
        house, "creditbank_record", f"update creditbank_record set account_id = {first} where account_id <> {first}"
    )
    assert "its record belongs to another account" in [each["why"] for each in broken(house)]


def test_a_deleted_decision_shows(house: House) -> None:
    house.bank.hear(completed())
    rewrite(house, "creditbank_decision", "delete from creditbank_decision")
    assert [each["why"] for each in broken(house)] == ["the decision it rests on, or its message, is gone"]


def test_several_entries_on_decisions_old_and_new_fit(house: House) -> None:
    """First credit, a better attempt, a revocation, the same person twice: entries rest on new and on stored decisions."""
    house.bank.hear(completed(1))
    house.bank.hear(completed(1, attempt=2, score=95, completed_at=moment(3)))
    house.bank.hear(revoked(1, attempt=2, revoked_at=moment(4)))
    house.bank.hear(completed(2))
    house.bank.hear(revoked(1, revoked_at=moment(20)))
    found = verify.verify(house.runtime)
    assert found["entries"] > 3
    assert found["broken"] == []


AWKWARD: list[Any] = [
    {2: "ten", 10: "two", "th": "น\u0e4dา  \u200b", "n": 0.1 + 0.2, "big": 10**30, "e": 1e-7, "t": (1, (2.0, None))},
    {"line": '\u2028 \\ " \x01 é e\u0301 😀'},
]


def test_awkward_values_come_back_as_they_were_hashed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    decide = Casebook.decide

    def told(book: Casebook, inbox_id: str, reason: str, **values: Any) -> dict[str, Any]:
        return decide(book, inbox_id, reason, **{**values, "explanation": [*values["explanation"], *AWKWARD]})

    monkeypatch.setattr(Casebook, "decide", told)
    house.bank.hear(completed())
    assert events.counts(house.runtime) == {"credited": 1}
    assert verify.verify(house.runtime) == {"accounts": 1, "entries": 1, "broken": []}


def test_the_evidence_can_be_repeated_by_anyone() -> None:
    """SHA-256 of the fields as lines, JSON as its stored text, the message's facts last (docs/decisions/0003)."""
    told = {"id": "0-d", "inbox_id": "m-1", "version": 1, "state": "credited", "passed": True, "credits": 150}
    decision = {**dict.fromkeys(ledger.EVIDENCE), **told, "explanation": '[{"th":"\\u0e01"}]'}
    basis = ledger.basis_text(decision, '{"score":"80"}')
    lines = ["0d", "m1", "1", "credited", *[""] * 6, "1", "", "150", "", '[{"th":"\\u0e01"}]', "", '{"score":"80"}']
    assert basis == "\n".join(lines)
    assert ledger.evidence(basis) == hashlib.sha256(basis.encode()).digest()


def test_verify_asks_once_a_batch(house: House) -> None:
    for number in range(1, 8):
        house.bank.hear(completed(number))
    asked: list[str] = []
    event.listen(house.runtime.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert verify.verify(house.runtime)["entries"] == 7
    assert len([each for each in asked if "creditbank_entry" in each]) == 2


def test_several_processes_find_the_same(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 30):
        house.bank.hear(completed(number))
    some = "select id from creditbank_account order by id limit 3"
    rewrite(house, "creditbank_entry", f"update creditbank_entry set amount = amount + 1 where account_id in ({some})")
    monkeypatch.setattr(verify, "ENTRIES_A_PROCESS", 10)
    monkeypatch.setattr(house.runtime, "engine", open_engine(house.runtime.engine.url))
    seen: list[int] = []
    together = verify.verify(house.runtime, seen.append, processes=2)
    assert together == verify.verify(house.runtime)
    assert (together["accounts"], together["entries"], len(together["broken"])) == (29, 29, 3)
    assert (len(seen), sum(seen)) == (2 * verify.PARTS_A_PROCESS, 29)


def test_an_engine_that_its_address_does_not_describe_is_walked_by_one_process(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process would open the address, and might walk another database."""
    for number in range(1, 4):
        house.bank.hear(completed(number))
    monkeypatch.setattr(verify, "ENTRIES_A_PROCESS", 1)
    monkeypatch.setattr(verify, "_together", lambda *_: pytest.fail("a second process"))
    like = open_engine(house.runtime.engine.url, like=create_engine(house.runtime.engine.url))
    monkeypatch.setattr(house.runtime, "engine", like)
    assert verify.verify(house.runtime, processes=2)["entries"] == 3
    like.dispose()


def test_no_statement_of_a_walk_is_cut_off_by_the_time_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.bank.hear(completed(1))
    said: list[str] = []
    event.listen(house.runtime.engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    verify.verify(house.runtime, processes=2)
    if house.runtime.engine.dialect.name == "postgresql":
        first = next(number for number, each in enumerate(said) if "creditbank_" in each)
        assert "statement_timeout = 0" in said[first - 1]
        assert sum("statement_timeout = 0" in each for each in said) >= 2
