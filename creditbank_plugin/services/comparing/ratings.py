"""Independent ratings: given once a round, read by other raters only after their own, and how far they agree.

Nobody's rating reaches a rater who has not rated yet, by whatever door; what is counted here are decided rounds alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.errors import need
from creditbank_plugin.rules import agreement as rules
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.agreement import ADVICE, ASPECTS, MARKS, Agreed, Decisions, Judged
from creditbank_plugin.rules.proposal import DECISIONS
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing.proposal_acts import ChangedMeanwhile, Held, carry_out, hold
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.base import Stored, new_id
from creditbank_plugin.storage.queries import authority, groups, proposals
from creditbank_plugin.storage.queries.proposals import Seen
from creditbank_plugin.storage.queries.writes import insert_all
from creditbank_plugin.storage.session import reading, writing

LONGEST_NOTE = 4000
#: What notes may be about: an aspect, the level, or all of it.
NOTES = (*ASPECTS, "level", "general")


def rate(
    runtime: Runtime,
    proposal_id: str,
    *,
    by: Actor,
    design: str,
    measurement: str,
    quality: str,
    level: int | None,
    advice: str,
    notes: Mapping[str, str] | None = None,
    revision: int | None = None,
    round_: int | None = None,
) -> None:
    """Give one's rating of this round: each aspect ``met``, ``partly`` or ``not_met``, the NQF level found, the advice.

    It is never changed.  ``round_`` is the round that was read, where the revision (others' ratings raise it too) says too
    much: `ChangedMeanwhile` (409) where it is over.  ``Refused``: what cannot be by its field, ``already_rated`` (409),
    those of `proposal_acts.hold` and of `rules.proposal.may`.
    """
    marks = {"design": design, "measurement": measurement, "quality": quality}
    for aspect, mark in marks.items():
        need(mark in MARKS, aspect, "ต้องเป็น met, partly หรือ not_met", "It must be met, partly or not_met.")
    need(level is None or 1 <= level <= 8, "level", "ระดับต้องเป็น 1 ถึง 8", "The level must be 1 to 8.")
    need(advice in ADVICE, "advice", "ต้องเป็น approve, return หรือ reject", "It must be approve, return or reject.")
    told = {name: text.strip() for name, text in (notes or {}).items() if text and text.strip()}
    short = set(told) <= set(NOTES) and all(len(text) <= LONGEST_NOTE for text in told.values())
    need(short, "notes", "บันทึกยาวเกินไป หรือไม่รู้จักหัวข้อ", "A note is too long, or its subject is unknown.")
    reasoned = advice == "approve" or bool(told)
    need(reasoned, "notes", "เสนอให้ส่งกลับหรือไม่อนุมัติ ต้องให้เหตุผล", "Who advises against must say why.")
    with writing(runtime.engine) as connection:
        held = hold(connection, runtime, proposal_id, by, revision)
        if round_ not in (None, held.row.round):
            raise ChangedMeanwhile(held.row.revision, held.steps[-1].name, held.steps[-1].at)
        carry_out(connection, held, "rate", by)
        row = {
            "id": new_id(),
            "proposal_id": held.row.id,
            "round": held.row.round,
            "actor": by.id,
            "name": by.name,
            **marks,
            "level": level,
            "advice": advice,
            "notes": told,
            "rated_at": held.now,
        }
        insert_all(connection, tables.Rating, [row])


def visible(held: Held, ratings: Sequence[Stored], by: Actor | None, *, inside: bool) -> list[Stored]:
    """Return the ratings that ``by`` may read; ``inside`` tells whether they belong to the committee at all.

    While a round is open: a rater their own, and the others' once they have rated; the chair and the secretary all, unless
    they are to rate as well; nobody else any.  Once it is decided: the committee, and an author.
    """
    if by is None or not inside:
        return []
    roles = {each.role for each in held.members if each.actor == by.id and each.on(held.today)}
    is_open = held.row.state in ("proposed", "under_judgement")
    is_author = by.id in held.standing.authors
    has_rated = by.id in held.standing.rated
    sees_open = has_rated or (not is_author and "rater" not in roles and not roles.isdisjoint(("chair", "secretary")))
    return [each for each in ratings if each.round < held.row.round or not is_open or sees_open or each.actor == by.id]


def advised_otherwise(ratings: Sequence[Stored], round_: int, decision: str) -> bool:
    """Tell whether most of the ratings of a round advise something else than ``decision``."""
    return rules.is_against(decision, [each.advice for each in ratings if each.round == round_])


def judged(rows: Sequence[Stored]) -> list[Judged]:
    """Return ratings as the rules of agreement look at them."""
    return [Judged(row.design, row.measurement, row.quality, row.level, row.advice) for row in rows]


@dataclass(frozen=True)
class Figures:
    """How far the raters of one group (None: of all that are shown) agree, and how often the chair went another way."""

    group: Stored | None
    agreed: Mapping[str, Agreed]
    decisions: Decisions


def figures(runtime: Runtime, by: Actor) -> list[Figures]:
    """Return the figures of every group that ``by`` may look into, and first those of all of them together.

    Only decided rounds are counted: those still open would tell a rater what the other has found.
    """
    with reading(runtime.engine) as connection:
        seen = seen_by(connection, by, thai.bangkok_day(runtime.clock()))
        known = groups.groups(connection, None if seen.bodies is None else seen.bodies)
        rows = {row.id: row for row in (*known, *groups.groups_by_id(connection, seen.groups).values())}
        rounds = _rounds(connection, rows)
    found = [_figures(rows[group_id], decided) for group_id, decided in rounds.items()]
    everything = _figures(None, [each for decided in rounds.values() for each in decided])
    return [everything, *found]


def seen_by(connection: Connection, by: Actor | None, day: date) -> Seen:
    """Return what somebody may see of what is not law: of their organisation and those below it, and of their groups.

    Whose term does not cover ``day`` is a member no more, or not yet.
    """
    if by is None:
        return Seen()
    mine = frozenset(groups.groups_of(connection, by.id, day))
    if by.acting_for is None:
        return Seen(None, mine)
    return Seen(frozenset(authority.below(connection, by.acting_for)) if by.acting_for else frozenset(), mine)


_Round = tuple[str, list[Judged]]


def _figures(group: Stored | None, rounds: Sequence[_Round]) -> Figures:
    agreed = rules.agreement([ratings for _, ratings in rounds])
    return Figures(group, agreed, rules.decisions([(done, [each.advice for each in all_]) for done, all_ in rounds]))


def _rounds(connection: Connection, group_ids: Iterable[str]) -> dict[str, list[_Round]]:
    """Return the decided rounds of each group: the decision, and the ratings it could look at."""
    found: dict[str, list[_Round]] = {group_id: [] for group_id in group_ids}
    decided = proposals.decided(connection, found)
    ratings = proposals.ratings_of(connection, decided)
    steps = proposals.steps_of(connection, decided, ("propose", *DECISIONS))
    for proposal_id, group_id in decided.items():
        round_ = 0
        for step in steps.get(proposal_id, []):
            if step.action == "propose":
                round_ = int((step.details or {}).get("round", round_ + 1))
                continue
            given: list[Any] = [each for each in ratings.get(proposal_id, []) if each.round == round_]
            found[group_id].append((step.action, judged(given)))
    return found
