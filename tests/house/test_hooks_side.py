"""Each hook of the side door: questions that decide, news that are heard; a plugin that fails, and one that recovers."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from creditbank_hooks import (
    CourseCompleted,
    CreditWeight,
    EvidenceVerdict,
    HostUser,
    Learner,
    LearnerIdentity,
    Rule,
    StatementIssued,
    TidingError,
    hookimpl,
    host_hookimpl,
)
from creditbank_plugin.services import accounts, events, outbox
from creditbank_plugin.services.plugins import announce
from creditbank_plugin.services.proving.verify import verify
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.services.views import Record
from tests.builders import ISSUER, House, completed, learner, moment, revoked
from tests.house.tree import ROOT

sys.path.append(str(ROOT / "hooks" / "examples"))
from school_policy import SchoolPolicy


@dataclass(eq=False)
class Listener:
    """Writes down every piece of news."""

    heard: list[tuple[str, Any]] = field(default_factory=list)

    @hookimpl
    def credit_posted(self, news: Any) -> None:
        self.heard.append(("credit_posted", news))

    @hookimpl
    def credit_withheld(self, news: Any) -> None:
        self.heard.append(("credit_withheld", news))

    @hookimpl
    def credit_reversed(self, news: Any) -> None:
        self.heard.append(("credit_reversed", news))

    @hookimpl
    def statement_issued(self, news: Any) -> None:
        self.heard.append(("statement_issued", news))


@pytest.fixture
def listener(house: House) -> Listener:
    made = Listener()
    house.bank.register(made)
    return made


def reason(house: House) -> str:
    """The reason of the one message there is."""
    (event,) = events.page(house.runtime).items
    return str(event.reason)


def records(house: House, who: int = 1, issuer: str = ISSUER) -> Sequence[Record]:
    (found,) = accounts.find_learners(house.runtime, issuer, f"s-{who}")
    return accounts.credits(house.runtime, found.id).items


def test_resolve_learner(house: House) -> None:
    class Moved:
        @hookimpl
        def resolve_learner(self, learner: Learner) -> LearnerIdentity | None:
            return LearnerIdentity(issuer="https://other.example", id="s-9") if learner.id == "s-1" else None

    house.bank.register(Moved())
    house.bank.hear(completed(1))
    house.bank.hear(completed(2))
    assert len(records(house, 9, "https://other.example")) == 1
    assert len(records(house, 2)) == 1, "the core policy answers where the plugin has no opinion"
    assert accounts.find_learners(house.runtime, ISSUER, "s-1") == []


def test_map_outcomes_narrows_and_never_widens(house: House) -> None:
    class Narrow:
        @hookimpl
        def map_outcomes(self, outcomes: Sequence[str]) -> Sequence[str]:
            return [outcomes[0], "an outcome nobody approved"]

    house.bank.register(Narrow())
    house.bank.hear(completed())
    (record,) = records(house)
    assert [each.id for each in record.outcomes] == house.ids["items"].split(",")[:1]


def test_current_user(house: House) -> None:
    house.user.now = HostUser(id="7", roles=frozenset({"admin"}))
    assert house.bank.current_user() == house.user.now
    house.user.now = None
    assert house.bank.current_user() is None

    class Broken:
        @hookimpl(tryfirst=True)
        def current_user(self) -> HostUser | None:
            raise RuntimeError("the session store is away")

    house.bank.register(Broken())
    house.user.now = HostUser(id="7")
    assert house.bank.current_user() is None, "unanswerable is nobody"


def test_a_host_spells_a_learner_as_it_likes(house: House) -> None:
    """The same id in another Unicode form, or with blanks around it, is the same learner."""
    house.bank.hear(completed(1, learner=Learner(id="é-กำ", issuer=ISSUER)))
    spelt = LearnerIdentity(issuer=f" {ISSUER}", id="e\u0301-กำ ")
    assert accounts.person_of(house.runtime, spelt) is not None
    with pytest.raises(TidingError, match=r"learner\.id"):
        LearnerIdentity(issuer=ISSUER, id="\u200b")


def test_one_refusal_withholds(house: House) -> None:
    class Strict:
        @hookimpl
        def check_evidence(self, completion: CourseCompleted, rule: Rule) -> EvidenceVerdict | None:
            assert (rule.course_code, rule.scheme, rule.credits) == (completion.course.code, "basic", 150)
            return EvidenceVerdict(accepted=False, rule="strict", source="ระเบียบทดสอบ", th="ไม่ผ่าน", en="Refused.")

    house.bank.register(Strict())
    house.bank.hear(completed())
    assert reason(house) == "refused_by_policy"


def test_the_lowest_weight_holds_and_none_raises_the_credit(house: House) -> None:
    class Generous:
        @hookimpl
        def weigh_credit(self, credits: int) -> CreditWeight:
            return CreditWeight(credits=credits * 10, rule="more", source="ทดสอบ", th="เพิ่ม", en="More.")

    class Half:
        @hookimpl
        def weigh_credit(self, completion: CourseCompleted, credits: int) -> CreditWeight | None:
            if completion.learner.id != "s-2":
                return None
            return CreditWeight(credits=credits // 2, rule="half", source="ทดสอบ", th="ครึ่งหนึ่ง", en="Half.")

    house.bank.register(Generous())
    house.bank.register(Half())
    house.bank.hear(completed(1))
    house.bank.hear(completed(2))
    assert [records(house, who)[0].credits for who in (1, 2)] == [150, 75]
    assert {"more", "half"} <= {line["rule"] for line in records(house, 2)[0].explanation}


ASKED = ("resolve_learner", "check_evidence", "weigh_credit", "map_outcomes")


@dataclass(eq=False)
class Moody:
    """Raises in one question, as long as it is told to; what it raises is personal."""

    hook: str
    away: bool = True

    def _answer(self, hook: str) -> None:
        if self.away and hook == self.hook:
            raise RuntimeError("เลขประจำตัว 1100000000008")

    @hookimpl
    def resolve_learner(self) -> None:
        self._answer("resolve_learner")

    @hookimpl
    def check_evidence(self) -> None:
        self._answer("check_evidence")

    @hookimpl
    def weigh_credit(self) -> None:
        self._answer("weigh_credit")

    @hookimpl
    def map_outcomes(self) -> None:
        self._answer("map_outcomes")


@pytest.mark.parametrize("hook", ASKED)
def test_a_plugin_that_fails_makes_the_completion_wait_and_settles_when_it_recovers(
    house: House, hook: str, caplog: pytest.LogCaptureFixture
) -> None:
    moody = Moody(hook)
    house.bank.register(moody)
    house.bank.hear(completed())
    assert reason(house) == "plugin_unavailable"
    assert "1100000000008" not in caplog.text, "what a plugin raises may be personal"
    moody.away = False
    clock = house.runtime.clock
    house.runtime.clock = lambda: clock() + timedelta(minutes=10)
    settle(house.runtime)
    assert reason(house) == "credited"
    assert verify(house.runtime)["broken"] == []


def test_a_plugin_that_fails_can_be_asked_again_at_once(house: House) -> None:
    moody = Moody("check_evidence")
    house.bank.register(moody)
    house.bank.hear(completed())
    (event,) = events.page(house.runtime).items
    moody.away = False
    assert events.retry(house.runtime, [event.event_id]) == 1
    assert reason(house) == "credited"


def test_credit_posted(house: House, listener: Listener) -> None:
    house.bank.hear(completed())
    ((hook, news),) = listener.heard
    (record,) = records(house)
    assert (hook, news.record_id, news.scheme, news.credits) == ("credit_posted", record.id, "basic", 150)
    house.bank.hear(completed())
    assert len(listener.heard) == 1, "a repeat is no news"


def test_credit_withheld(house: House, listener: Listener) -> None:
    house.bank.hear(completed(score=Decimal(20)))
    ((hook, news),) = listener.heard
    assert (hook, news.reason) == ("credit_withheld", "score_below")


def test_credit_reversed(house: House, listener: Listener) -> None:
    house.bank.hear(completed())
    house.bank.hear(revoked())
    hook, news = listener.heard[-1]
    assert (hook, news.state, news.credits) == ("credit_reversed", "revoked", 150)


def test_statement_issued(house: House, listener: Listener) -> None:
    news = StatementIssued(account_id="account", statement_id="statement", at=moment())
    announce(house.runtime.plugins, "statement_issued", news=news)
    assert listener.heard == [("statement_issued", news)]
    assert outbox.restored("statement_issued", "n", outbox.written(news)) == replace(news, id="n")


def test_news_come_after_the_commit(house: House) -> None:
    class Curious:
        seen: Sequence[Record] = ()

        @hookimpl
        def credit_posted(self) -> None:
            self.seen = records(house)

    curious = Curious()
    house.bank.register(curious)
    house.bank.hear(completed())
    assert len(curious.seen) == 1, "what is announced can be read"


def test_a_listener_that_raises_does_not_silence_the_others(house: House, caplog: pytest.LogCaptureFixture) -> None:
    class Loud:
        @hookimpl
        def credit_posted(self) -> None:
            raise RuntimeError("เลขประจำตัว 1100000000008")

    before, after = Listener(), Listener()
    for each in (before, Loud(), after):
        house.bank.register(each)
    house.bank.hear(completed())
    assert (len(before.heard), len(after.heard)) == (1, 1)
    assert reason(house) == "credited"
    assert "failed in credit_posted: RuntimeError" in caplog.text
    assert "1100000000008" not in caplog.text


def test_news_hold_no_personal_data(house: House, listener: Listener) -> None:
    house.bank.hear(completed(learner(1, name="นักเรียนทดลอง หนึ่ง", national_id="1100000000008")))
    assert "นักเรียนทดลอง" not in repr(listener.heard)
    assert "1100000000008" not in repr(listener.heard)


def test_the_wrong_projects_marker_is_refused(house: House) -> None:
    class Misplaced:
        @host_hookimpl
        def check_evidence(self, completion: CourseCompleted) -> None: ...

    class Mistyped:
        @hookimpl
        def check_evidense(self) -> None: ...

    for wrong in (Misplaced(), object()):
        with pytest.raises(ValueError, match="implements no hook"):
            house.bank.register(wrong)
        assert not house.runtime.plugins.is_registered(wrong)
    with pytest.raises(Exception, match="check_evidense"):
        house.bank.register(Mistyped())


def test_the_example_school_policy(house: House) -> None:
    house.bank.register(SchoolPolicy("คำสั่งโรงเรียนทดสอบ 2/2569", Decimal(80), 50))
    house.bank.hear(completed(1, attendance=Decimal(95)))
    house.bank.hear(completed(2, attendance=Decimal(60)))
    house.bank.hear(completed(3))
    house.bank.hear(completed(4, attendance=Decimal(80), attempt=2))
    by_learner = {event.tiding["learner"]["id"]: event for event in events.page(house.runtime).items}
    reasons = [str(by_learner[f"s-{who}"].reason) for who in (1, 2, 3, 4)]
    assert reasons == ["credited", "attendance_below", "evidence_missing", "credited"]
    assert [records(house, who)[0].credits for who in (1, 4)] == [150, 75]
    assert "school_attendance" in {line["rule"] for line in records(house, 1)[0].explanation}
