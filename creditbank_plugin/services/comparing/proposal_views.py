"""Reading proposals and what became law of them: as much as the reader may see, and what waits for them.

What is or was law is public: its terms, and who signed what, when and why.  What is not yet law belongs to the group and to
the committees of its body's organisation and above.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused, not_found
from creditbank_plugin.rules import agreement, authority, thai
from creditbank_plugin.rules import proposal as rules
from creditbank_plugin.rules.acts import Act
from creditbank_plugin.rules.proposal import ACTS, LAW
from creditbank_plugin.rules.terms import Terms
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing.proposal_acts import Held, existing, look, look_at_all
from creditbank_plugin.services.comparing.ratings import judged, seen_by, visible
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.views import Page, page_of
from creditbank_plugin.storage.base import Stored, is_uuid
from creditbank_plugin.storage.queries import catalogue, groups, proposals
from creditbank_plugin.storage.session import reading

#: The steps that are acts of authority, and public once the proposal is law.
PUBLIC_STEPS = ("enter_paper", "approve", "supersede", "withdraw")


@dataclass(frozen=True)
class View:
    """One proposal as its reader may see it.

    ``inside``: the reader belongs to the committee.  ``rated`` counts the ratings of this round also where ``ratings`` may
    not be read; ``differing`` says on what those that may be read differ.  ``may`` are the acts open to the reader now.
    """

    row: Stored
    terms: Terms
    outcomes: Sequence[Stored]
    course: Stored
    group: Stored | None
    steps: Sequence[Stored]
    ratings: Sequence[Stored]
    comments: Sequence[Stored]
    rated: int
    needed: int
    differing: tuple[str, ...]
    may: frozenset[str]
    inside: bool
    is_author: bool
    replaced: Stored | None


def get(runtime: Runtime, proposal_id: str, *, by: Actor | None) -> View:
    """Return one proposal; ``Refused`` 404 for one that is unknown, or is not law and not the reader's to see."""
    with reading(runtime.engine) as connection:
        row = existing(connection, proposal_id)
        inside = _inside(connection, row, by, thai.bangkok_day(runtime.clock()))
        if not inside and not is_law(row):
            raise not_found()
        return _view(connection, row, by, inside, runtime.clock())


def as_comparison(row: Stored, now: datetime) -> tuple[authority.Comparison, dict[str, date]]:
    """Return the comparison that a proposal would become now, and what it would end: each with its first day no more."""
    terms = Terms.from_json(row.terms)
    first = terms.applies_from or thai.bangkok_day(now)
    made = authority.Comparison(
        id=row.id,
        course_id=row.course_id,
        body=row.body_code,
        scheme=terms.scheme or "none",
        credits=terms.credits or 0,
        nqf_level=terms.nqf_level,
        nqf_level_basis=terms.nqf_level_basis,
        conditions=terms.conditions,
        outcomes=terms.outcomes,
        reference="",
        approved_at=now,
        applies_from=first,
        applies_until=terms.applies_until,
        credits_rule=terms.credits_rule,
    )
    return made, {row.replaces: first} if row.replaces is not None else {}


def approval(row: Stored, now: datetime) -> Act:
    """Return what approving a proposal now would be, as forecasts take it."""
    comparison, ended = as_comparison(row, now)
    return Act(comparison=comparison, ended=ended)


def is_law(row: Stored) -> bool:
    """Tell whether a proposal is or was law; one that was taken back never was."""
    return row.state in LAW and row.approved_at is not None


def _inside(connection: Connection, row: Stored, by: Actor | None, day: date) -> bool:
    if by is None:
        return False
    seen = seen_by(connection, by, day)
    return seen.bodies is None or row.body_code in seen.bodies or row.group_id in seen.groups


def _view(connection: Connection, row: Stored, by: Actor | None, inside: bool, now: datetime) -> View:
    held, terms = look(connection, row, now), Terms.from_json(row.terms)
    items = catalogue.items_by_id(connection, terms.outcomes)
    ratings = visible(held, proposals.ratings(connection, row.id), by, inside=inside)
    present = [each for each in ratings if each.round == row.round]
    return View(
        row=row,
        terms=terms,
        outcomes=[items[each] for each in terms.outcomes if each in items],
        course=catalogue.by_ids(connection, [row.course_id])[row.course_id],
        group=held.group,
        steps=[step for step in held.steps if inside or step.action in PUBLIC_STEPS],
        ratings=ratings,
        comments=proposals.comments(connection, row.id) if inside or row.comment_until is not None else (),
        rated=len(held.standing.rated),
        needed=held.standing.raters if held.standing.procedure == "raters_and_chair" else 0,
        differing=agreement.differing(judged(present)),
        may=frozenset(act for act in ACTS if by is not None and _may(act, held, by)),
        inside=inside,
        is_author=by is not None and by.id in held.standing.authors,
        replaced=proposals.proposal(connection, row.replaces) if row.replaces is not None else None,
    )


def _may(act: str, held: Held, by: Actor) -> bool:
    """Tell whether an act is open to somebody now; for an approval, whether the papers for it may be laid out."""
    if held.group is None:
        return False
    try:
        rules.may(act, held.standing, by.id, held.members, held.today)
    except Refused as refusal:
        return refusal.code == "no_quorum" and act == "approve"  # the meeting is named when it is signed
    return True


def page(
    runtime: Runtime,
    *,
    by: Actor | None,
    states: Sequence[str] = (),
    course_id: str | None = None,
    group_id: str | None = None,
    body: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Stored]:
    """Return proposals that the reader may see, newest first."""
    if any(each is not None and not is_uuid(each) for each in (course_id, group_id, after)):
        return Page((), None)
    with reading(runtime.engine) as connection:
        found = proposals.page(
            connection,
            seen_by(connection, by, thai.bangkok_day(runtime.clock())),
            states=states,
            course_id=course_id,
            group_id=group_id,
            body=body,
            before=after,
            limit=limit + 1,
        )
    return page_of(found, limit)


def counts(runtime: Runtime, *, by: Actor | None) -> Mapping[str, int]:
    """Return how many proposals the reader may see in each state."""
    with reading(runtime.engine) as connection:
        return proposals.counts(connection, seen_by(connection, by, thai.bangkok_day(runtime.clock())))


@dataclass(frozen=True)
class Mine:
    """A proposal that waits for somebody, and for which act of theirs: ``edit``, ``propose``, ``rate``, ``approve``."""

    row: Stored
    act: str


def waiting_for(runtime: Runtime, by: Actor, limit: int = 500) -> list[Mine]:
    """Return what waits for somebody, the oldest first: ratings, decisions, and their own drafts and what came back."""
    today = runtime.today()
    with reading(runtime.engine) as connection:
        mine = groups.groups_of(connection, by.id, today)
        if not mine:
            return []
        found = look_at_all(connection, proposals.open_in(connection, mine, limit), runtime.clock())
    return [Mine(held.row, act) for held in found if (act := _next_act(held, by)) is not None]


def _next_act(held: Held, by: Actor) -> str | None:
    is_author = by.id in held.standing.authors
    if held.row.state in ("draft", "returned"):
        return {"draft": "propose", "returned": "edit"}[held.row.state] if is_author else None
    return next((act for act in ("rate", "approve") if _may(act, held, by)), None)
