"""The learner's own pages: the bank, one credit with its why, one completion with its why or why not."""

from collections.abc import Iterator

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from creditbank_hooks import LearnerIdentity
from creditbank_plugin import reference
from creditbank_plugin.services import accounts, events, notices, sight
from creditbank_plugin.services.views import Credits, Event, LearnerFound
from creditbank_plugin.web.access import for_learners, runtime, this_user
from creditbank_plugin.web.menu import staff_pages
from creditbank_plugin.web.page import notify, page

PER_PAGE = 200

#: What a learner asks "why no credit?" about, the most pressing first.
UNSETTLED = ("conflict", "withheld", "waiting", "parked", "received")
COMPLETED = "lms.course.completed.v1"


def add_pages(blueprint: Blueprint) -> None:
    """Add the learner's pages to ``blueprint``."""
    blueprint.add_url_rule("/", "home", home)
    blueprint.add_url_rule("/accept", "accept", for_learners(accept), methods=["POST"])
    blueprint.add_url_rule("/records/<record_id>", "record", for_learners(record))
    blueprint.add_url_rule("/events/<event_id>", "event", for_learners(event))


def home() -> ResponseReturnValue:
    """Show what the learner has, per scheme, and what gave no credit yet; staff go to the first page of theirs."""
    if this_user().learner is None and staff_pages():
        return redirect(url_for(f"creditbank.{staff_pages()[0]}"))
    identity, found = _who()
    credits = None if found is None else _credits(found.id, request.args.get("after"))
    return page(
        "home",
        found=found,
        credits=credits,
        pending=list(_pending(identity, found)),
        paged=request.args.get("after") is not None,
        closed_at=notices.closed_at(runtime(), identity) if found is None else None,
    )


def accept() -> ResponseReturnValue:
    """Make the learner's provisional account theirs."""
    _, found = _who()
    if found is not None:
        accounts.accept(runtime(), found.id)
        notify("home.accepted")
    return redirect(url_for("creditbank.home"), 303)


def record(record_id: str) -> ResponseReturnValue:
    """Show one credit: how much, why that much, under whose authority, on which evidence, and what moved since."""
    _, found = _who()
    if found is None:
        abort(404)
    shown = accounts.record(runtime(), record_id, sight=sight.of_person(found.id))
    level = next((each for each in reference.nqf_levels() if each.level == shown.nqf_level), None)
    told = events.get(runtime(), shown.event_id).tiding
    taken_back = notices.taken_back(runtime(), shown)
    return page("record", record=shown, level=level, taken_back=taken_back, assured="assurance" in told)


def event(event_id: str) -> ResponseReturnValue:
    """Show what became of one of the learner's completions, and why."""
    identity, found = _who()
    shown = events.get(runtime(), event_id)
    if not _is_theirs(shown, identity, found):
        abort(404)
    made = accounts.record(runtime(), shown.record_id) if shown.record_id is not None else None
    taken_back = notices.taken_back(runtime(), made) if made is not None else None
    return page("event", event=shown, record=made, taken_back=taken_back)


def _who() -> tuple[LearnerIdentity, LearnerFound | None]:
    identity = this_user().learner
    if identity is None:
        abort(403)
    return identity, accounts.person_of(runtime(), identity)


def _credits(person_id: str, after: str | None) -> Credits:
    return accounts.credits(runtime(), person_id, after=after, limit=PER_PAGE)


def _is_theirs(event: Event, identity: LearnerIdentity, found: LearnerFound | None) -> bool:
    if event.account_id is not None:
        return found is not None and event.account_id in found.account_ids
    return (event.issuer, event.learner) == (identity.issuer, identity.id)


def _pending(identity: LearnerIdentity, found: LearnerFound | None) -> Iterator[Event]:
    """Return completions without a credit: those of the account, and those told of this learner before there was one."""
    person_id = found.id if found is not None else None
    for state in UNSETTLED:
        page = events.page(runtime(), state=state, person_id=person_id, learner=identity, limit=100)
        yield from (each for each in page.items if each.kind == COMPLETED and each.record_id is None)
