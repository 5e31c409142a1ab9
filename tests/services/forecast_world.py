"""Random worlds in which something waits, and what really became of it: the other side of every forecast."""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import func, select

from creditbank_hooks import Course, LearnerErased, LearnerMerged
from creditbank_plugin.rules import fold
from creditbank_plugin.rules.authority import Adoption, Comparison
from creditbank_plugin.services import organisations
from creditbank_plugin.services.adopting import adoptions as ordering
from creditbank_plugin.services.catalogue import aliases
from creditbank_plugin.services.comparing import comparisons as comparison_register
from creditbank_plugin.services.forecasting.tally import LIVE, USED, Forecast
from creditbank_plugin.services.settling.casebook import Casebook
from creditbank_plugin.services.settling.keep import Sender
from creditbank_plugin.services.settling.receive import letter, receive
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.queries.inbox import newer
from creditbank_plugin.storage.queries.ledger import last_entries
from creditbank_plugin.storage.queries.people import owner_of
from creditbank_plugin.storage.session import reading, writing
from creditbank_plugin.storage.tables import Account, Decision, Inbox, Record, Task, Waiting
from tests.builders import (
    ISSUER,
    OTHER_SCHOOL,
    SCHOOL,
    House,
    add_course,
    beside,
    completed,
    item_ids,
    learner,
    moment,
    revoked,
)

SCHOOLS = (SCHOOL, OTHER_SCHOOL)
#: Every world has courses, learners and comparing bodies of its own, so that one database serves them all.
numbers = itertools.count(1)

days = st.integers(1, 6)
completions = st.fixed_dictionaries(
    {
        "kind": st.just("completed"),
        "who": st.integers(0, 4),
        "school": st.integers(0, 1),
        "course": st.sampled_from([0, 0, 0, 1]),
        "score": st.sampled_from([None, 40, 50, 65, 80]),
        "grade": st.sampled_from([None, None, "2", "4", "0", "ร"]),
        "attempt": st.sampled_from([1, 1, 1, 2]),
        "day": days,
        "hour": st.sampled_from([3, 16, 17, 20]),
        "precision": st.sampled_from(["exact", "exact", "upper_bound"]),
        "extra": st.booleans(),
        "alias": st.sampled_from([False, False, True]),
    }
)
others = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.just("revoked"), "who": st.integers(0, 4), "school": st.integers(0, 1), "day": days}
    ),
    st.fixed_dictionaries({"kind": st.just("merged"), "who": st.integers(0, 4), "other": st.integers(0, 4)}),
    st.fixed_dictionaries({"kind": st.just("erased"), "who": st.integers(0, 4), "day": days}),
)
rules = st.fixed_dictionaries(
    {
        "course": st.sampled_from([0, 0, 1]),
        "body": st.integers(0, 1),
        "credits": st.sampled_from([50, 100, 150]),
        "scheme": st.sampled_from(["basic", "basic", "basic", "vocational"]),
        "conditions": st.sampled_from([{}, {"min_score": 60}, {"min_grade": "3"}, {"required": ["score"]}]),
        "first": days,
        "last": st.one_of(st.none(), days),
    }
)
#: An order: of which school's bank, standing on a body or for comparisons (by their place in the list of all), which days.
papers = st.fixed_dictionaries(
    {
        "bank": st.integers(0, 1),
        "body": st.one_of(st.none(), st.integers(0, 1)),
        "named": st.lists(st.integers(0, 5), min_size=1, max_size=2, unique=True),
        "first": days,
        "last": st.one_of(st.none(), days),
    }
)
worlds = st.fixed_dictionaries(
    {
        "stories": st.lists(st.one_of(completions, completions, completions, others), min_size=1, max_size=14),
        "rules": st.lists(rules, max_size=3),
        "papers": st.lists(papers, max_size=3),
        "later": st.lists(st.one_of(completions, others), max_size=4),
        "used": st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["held", "redeemed"])), max_size=2),
    }
)

#: Completions of few learners that all wait: several of a learner, of one course and of two, at one school and at both.
crowds = st.lists(
    st.tuples(completions, st.integers(0, 1), st.integers(1, 3)).map(
        lambda told: {**told[0], "who": told[1], "attempt": told[2]}
    ),
    min_size=4,
    max_size=9,
)


@dataclass
class World:
    """What was entered, and by which names."""

    house: House
    number: int = field(default_factory=lambda: next(numbers))
    courses: list[str] = field(default_factory=list)
    comparisons: list[str] = field(default_factory=list)
    told: int = 0

    def code(self, course: int) -> str:
        return f"ว{self.number}{course}"

    def body(self, body: int) -> str:
        return f"body-{self.number}-{body}"

    def who(self, who: int) -> str:
        return f"{self.number}-{who}"

    def begin(self, told: Mapping[str, Any]) -> None:
        """Enter courses, bodies, comparisons and orders, tell the stories and settle; use some of the credit."""
        runtime = self.house.runtime
        for number in range(2):
            organisations.add_organisation(runtime, code=self.body(number), kind="agency", name_th="หน่วยงาน")
            self.courses.append(
                add_course(self.house, self.code(number), level_group=("lower_secondary", None)[number])
            )
        aliases.alias(runtime, iri=f"https://alias.example/{self.number}", code=self.code(0), by="t")
        middle = len(told["stories"]) // 2
        self.tell(told["stories"][:middle])
        for each in told["rules"]:
            with beside():
                self.comparisons.append(comparison_register.enter_from_paper(runtime, **self.rule(each)))
        for each in told["papers"]:
            self.order(self.paper(each))
        self.tell(told["stories"][middle:])
        settle(runtime)
        self.use(told["used"])
        self.tell(told["later"])
        settle(runtime)

    def rule(self, told: Mapping[str, Any]) -> dict[str, Any]:
        first, last = told["first"], told["last"]
        return {
            "course_id": self.courses[told["course"]],
            "body": self.body(told["body"]),
            "scheme": told["scheme"],
            "credits": told["credits"],
            "outcomes": item_ids("ท 1.1"),
            "reference": "ประกาศ",
            "conditions": told["conditions"],
            "applies_from": date(2026, 3, first),
            "applies_until": date(2026, 3, max(first, last)) if last is not None else None,
        }

    def paper(self, told: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the rows of an order, for one body or some comparisons; none where there is nothing to name."""
        first, last = told["first"], told["last"]
        common = {
            "bank": f"B-{SCHOOLS[told['bank']]}",
            "order_number": f"{self.number}/{next(numbers)}",
            "signatory": "ผู้อำนวยการ",
            "ordered_on": date(2026, 3, 1),
            "applies_from": date(2026, 3, first),
            "applies_until": date(2026, 3, max(first, last)) if last is not None else None,
        }
        if told["body"] is not None:
            return [{**common, "body": self.body(told["body"])}]
        known = [self.comparisons[each] for each in told["named"] if each < len(self.comparisons)]
        return [{**common, "comparison_id": each} for each in known]

    def order(self, rows: Sequence[dict[str, Any]]) -> None:
        for row in rows:
            ordering.adopt(self.house.runtime, **row)

    def tell(self, stories: Sequence[Mapping[str, Any]]) -> None:
        """Tell them in their order; what a school has to say without interruption it says in one call."""
        for school, together in itertools.groupby(stories, lambda story: story.get("school", 0)):
            tidings = [tiding for story in together if (tiding := self.tiding(story)) is not None]
            sender = Sender(door="events", organisation=SCHOOLS[school], issuer=ISSUER, client_id="c", may_open=True)
            receive(self.house.runtime, [letter(tiding) for tiding in tidings], sender)

    def tiding(self, story: Mapping[str, Any]) -> Any:
        """Return the message of a story; None where somebody would be merged with themselves."""
        self.told += 1
        name, who = f"{self.number}-{self.told}", self.who(story["who"])
        if story["kind"] == "completed":
            course = Course(code=self.code(story["course"]))
            if story["alias"]:
                course = Course(code="alias", iri=f"https://alias.example/{self.number}")
            return completed(
                who,
                event_id=name,
                course=course,
                score=story["score"],
                grade=story["grade"],
                attempt=story["attempt"],
                completed_at=moment(story["day"], story["hour"]),
                completed_at_precision=story["precision"],
                time=moment(8) + timedelta(minutes=self.told),
                extra={"creditbank:unplaced_score": "17"} if story["extra"] else {},
            )
        if story["kind"] == "revoked":
            return revoked(who, self.code(0), event_id=name, revoked_at=moment(story["day"], 4))
        if story["kind"] == "merged":
            if story["who"] == story["other"]:
                return None
            other = learner(self.who(story["other"]))
            return LearnerMerged(event_id=name, source=ISSUER, learner=learner(who), merged=other, merged_at=moment(7))
        return LearnerErased(event_id=name, source=ISSUER, learner=learner(who), erased_at=moment(story["day"]))

    def use(self, wanted: Sequence[tuple[int, str]]) -> None:
        """Hold or redeem a part of some records, as a transfer will."""
        with writing(self.house.runtime.engine) as connection:
            query = select(Record.id, Record.account_id, Record.course_id).where(Record.course_id.in_(self.courses))
            records = connection.execute(query.order_by(Record.id)).all()
            book = Casebook(connection, self.house.runtime, self.house.runtime.clock())
            book.open({row.account_id for row in records})
            for place, state in wanted:
                if place >= len(records):
                    continue
                row = records[place]
                holding = book.accounts[row.account_id].holdings[row.course_id]
                amount = min(50, holding.amounts["available"])
                if amount:
                    kind = {"held": "hold", "redeemed": "redeem"}[state]
                    movement = fold.Movement(kind, holding.scheme or "", amount, "available", state)
                    book.post(row.account_id, holding, movement, None, "transfer", book.now)
            book.flush()

    def comparison(self, told: Mapping[str, Any]) -> Comparison:
        """Return a comparison that nobody has approved yet."""
        values = {**self.rule(told), "id": new_id(), "nqf_level": None, "nqf_level_basis": None}
        outcomes = tuple(values.pop("outcomes"))
        return Comparison(**values, outcomes=outcomes, approved_at=moment())

    def adoptions(self, rows: Sequence[dict[str, Any]]) -> list[Adoption]:
        """Return the same orders as they would stand."""
        nothing = {"comparison_id": None, "body": None, "level_group": None}
        return [Adoption(**{**nothing, **row, "id": new_id()}) for row in rows]


@dataclass
class Before:
    """What stood before an act: who waits for it, what every record holds, how many tasks there were."""

    waiting: dict[str, tuple[str, str]]
    amounts: dict[str, Mapping[str, int]]
    tasks: set[str]


def look(world: World, keys: Sequence[str], courses: Sequence[str] | None) -> Before:
    """Look at what waits under these keys (for one of the courses, where given), and what is held."""
    with reading(world.house.runtime.engine) as connection:
        query = (
            select(Waiting.inbox_id, Inbox.issuer, Inbox.learner)
            .join(Inbox, Inbox.id == Waiting.inbox_id)
            .join(Decision, Decision.inbox_id == Waiting.inbox_id)
            .where(Waiting.wait_key.in_(keys), ~newer())
        )
        if courses is not None:
            query = query.where(Decision.course_id.in_(courses))
        waiting = {row.inbox_id: (row.issuer, row.learner) for row in connection.execute(query)}
        return Before(waiting, _amounts(connection, world), _tasks(connection))


def _amounts(connection: Any, world: World) -> dict[str, Mapping[str, int]]:
    ids = list(connection.scalars(select(Record.id).where(Record.course_id.in_(world.courses))))
    return {
        record_id: {**entry.amounts, "scheme": entry.scheme}
        for record_id, entry in last_entries(connection, ids).items()
    }


def _tasks(connection: Any) -> set[str]:
    return set(connection.scalars(select(Task.id).where(Task.kind == "duplicate_in_use")))


def result(world: World, before: Before, at: Any) -> Forecast:
    """Count what has really become of it."""
    with reading(world.house.runtime.engine) as connection:
        query = (
            select(Decision.inbox_id, Decision.state, Decision.reason, Decision.account_id, Inbox.school_code)
            .join(Inbox, Inbox.id == Decision.inbox_id)
            .where(Decision.inbox_id.in_(before.waiting), ~newer())
        )
        rows = connection.execute(query).all()
        owners = {row[0]: row[1] for row in connection.execute(select(Account.id, owner_of()))}
        after = _amounts(connection, world)
        tasks = _tasks(connection) - before.tasks
        details = list(connection.scalars(select(Task.detail).where(Task.id.in_(tasks))))
        assert connection.scalar(select(func.count()).select_from(Decision)) is not None
    persons = {row.inbox_id: owners.get(row.account_id, before.waiting[row.inbox_id]) for row in rows}
    states = Counter(row.state for row in rows)
    credits: Counter[str] = Counter()
    touched = {each["record_id"] for each in details}
    under_review = 0
    for record_id, holds in after.items():
        held = before.amounts.get(record_id, dict.fromkeys(holds, 0))
        credits[str(holds["scheme"])] += sum(holds[state] for state in LIVE)
        if record_id in before.amounts:
            credits[str(held["scheme"])] -= sum(held[state] for state in LIVE)
        if any(held[state] for state in USED) and any(held[state] != holds[state] for state in (*LIVE, "duplicate")):
            touched.add(record_id)
        under_review += bool(holds["under_review"]) and not held["under_review"]
    return Forecast(
        learners=len(set(persons.values())),
        completions=len(rows),
        credited=states["credited"],
        withheld=states["withheld"],
        already_used=len(touched),
        waiting=len(rows) - states["credited"] - states["withheld"],
        credited_learners=len({persons[row.inbox_id] for row in rows if row.state == "credited"}),
        under_review=under_review,
        credits={scheme: amount for scheme, amount in sorted(credits.items()) if amount},
        reasons=dict(Counter(row.reason for row in rows if row.state != "credited")),
        schools=dict.fromkeys({row.school_code or "" for row in rows}, None),  # type: ignore[arg-type]
        at=at,
    )


def plain(found: Forecast) -> dict[str, Any]:
    """Return a forecast as it can be compared."""
    return {**found.to_json(), "schools": sorted(found.schools), "at": None}


def rests_on(world: World, comparison_id: str) -> dict[str, str]:
    """Return whose each completion is that rests on a comparison and is not in question."""
    query = (
        select(Decision.inbox_id, owner_of())
        .join(Account, Account.id == Decision.account_id)
        .where(
            Decision.comparison_id == comparison_id, Decision.state == "credited", Decision.verdict.is_(None), ~newer()
        )
    )
    with reading(world.house.runtime.engine) as connection:
        return {row[0]: row[1] for row in connection.execute(query)}
