"""What a judgement does with the words of plugins, with rules that change under it, and with the future."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from creditbank_hooks import CourseCompleted, EvidenceVerdict, Rule, hookimpl
from creditbank_plugin.errors import Refused
from creditbank_plugin.services import events
from creditbank_plugin.services.comparing import comparisons
from creditbank_plugin.services.keys import Keyring
from creditbank_plugin.services.runtime import utc_now
from creditbank_plugin.services.settling import settle
from creditbank_plugin.services.views import Event
from tests.builders import House, adopt, beside, compare, completed


def last(house: House) -> Event:
    return events.page(house.runtime).items[0]


class Checker:
    """A plugin that answers with a verdict, and may do something before it does."""

    def __init__(self, code: str, before: Any = None) -> None:
        self.code, self.before = code, before

    @hookimpl
    def check_evidence(self, completion: CourseCompleted, rule: Rule) -> EvidenceVerdict:
        if self.before is not None:
            self.before()
        return EvidenceVerdict(accepted=not self.code, rule="r", source="s", th="ก", en="A", code=self.code or "x")


def test_a_completion_far_in_the_future_waits_for_nobody_and_gives_nothing(house: House) -> None:
    house.bank.hear(completed(completed_at=utc_now() + timedelta(hours=25)))
    assert (last(house).state, last(house).reason) == ("withheld", "outside_dates")


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        (["made_up"], "refused_by_policy"),
        (["credited"], "refused_by_policy"),
        (["evidence_missing"], "evidence_missing"),
        (["evidence_missing", "attendance_below"], "attendance_below"),
        (["attendance_below", "evidence_missing"], "attendance_below"),
    ],
)
def test_a_refusal_weighs_more_than_a_wait_and_an_unknown_code_is_a_refusal(
    house: House, codes: list[str], reason: str
) -> None:
    for code in codes:
        house.bank.register(Checker(code))
    house.bank.hear(completed())
    assert last(house).reason == reason


def test_a_rule_that_changes_while_plugins_are_asked_is_asked_about_again(house: House) -> None:
    asked: list[str] = []

    def change() -> None:
        if not asked:
            asked.append("once")
            comparisons.end_comparison(house.runtime, house.ids["comparison"], ended_from=date(2026, 1, 1))
            with beside():
                adopt(house, compare(house, house.ids["course"], 200))

    house.bank.register(Checker("", change))
    house.bank.hear(completed())
    settle.settle(house.runtime)
    event = last(house)
    assert event.state == "credited"
    assert event.comparison_id != house.ids["comparison"]


def test_a_writer_who_was_quicker_costs_one_more_try(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []
    work = settle._settle

    def quicker(*args: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise IntegrityError("insert", {}, Exception("unique"))
        return work(*args)

    monkeypatch.setattr(settle, "_settle", quicker)
    house.bank.hear(completed())
    assert (last(house).state, last(house).attempts, tries[0]) == ("credited", 0, 1)


def test_a_database_that_dies_is_nobodys_failure(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.runtime.settings = type(house.runtime.settings)(**{**vars(house.runtime.settings), "settle": "worker"})
    house.bank.hear(completed())

    def dead(*_: Any) -> Any:
        raise OperationalError("select", {}, Exception("server closed the connection unexpectedly"))

    monkeypatch.setattr(settle, "_settle", dead)
    with pytest.raises(OperationalError):
        settle.settle_one(house.runtime, last(house).event_id)
    assert (last(house).state, last(house).attempts) == ("received", 0)


def test_what_is_sealed_for_one_row_opens_for_no_other(house: House) -> None:
    keyring = house.runtime.keyring
    sealed = keyring.seal({"name": "ก"}, "row-1")
    assert keyring.unseal(sealed, "row-1") == {"name": "ก"}
    with pytest.raises(Refused, match="key_missing"):
        keyring.unseal(sealed, "row-2")


def test_digests_of_ids_are_another_installations_guess(house: House, tmp_path: Any) -> None:
    settings = type(house.runtime.settings)(data=tmp_path / "elsewhere", keys="A" * 43)
    other = Keyring(settings)
    other._lookup = bytes(32)
    assert house.runtime.keyring.digest("1101700230708") != other.digest("1101700230708")
