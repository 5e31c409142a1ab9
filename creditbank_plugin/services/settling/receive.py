"""Receive messages from a door: keep them in one transaction, settle them, answer each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from creditbank_hooks import TidingError
from creditbank_plugin.errors import Refused
from creditbank_plugin.services import events, outbox
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.keep import Kept, Letter, Sender, ignored_letter, keep_each, letter, report
from creditbank_plugin.services.settling.settle import settle_quietly
from creditbank_plugin.services.views import Event
from creditbank_plugin.storage.faults import UNREACHABLE
from creditbank_plugin.storage.session import writing

__all__ = ["Letter", "Sender", "database_unavailable", "ignored_letter", "letter", "receive"]


@dataclass(frozen=True)
class _Call:
    """The letters of one call, and who sent them."""

    letters: Sequence[Letter]
    sender: Sender


@dataclass(frozen=True)
class _Answer:
    """What became of a call's letters, and their events by id; ``None`` events: the database cannot be reached."""

    kept: Sequence[Kept]
    events: Mapping[str, Event] | None


def receive(runtime: Runtime, letters: Sequence[Letter], sender: Sender) -> list[Event | TidingError]:
    """Keep letters and settle them; answer each in its place with its event, or with why it is refused.

    Calls that come at the same time are kept in one transaction and settled in one.
    ``Refused("database_unavailable")`` (503) when the database cannot be reached; sent again, what was kept is known.
    """
    call, most = _Call(letters, sender), runtime.settings.batch
    answer = runtime.intake.join(call, partial(_receive, runtime), size=len(letters), most=most)
    report(sender, answer.kept)
    found = answer.events
    if found is None:
        raise database_unavailable()
    if runtime.settings.settle == "inline":
        outbox.tell(runtime)  # here, not while others wait for us: a listener may take its time
    return [found[each.told] if isinstance(each.told, str) else each.told for each in answer.kept]


def _receive(runtime: Runtime, calls: Sequence[_Call]) -> list[_Answer]:
    kept: list[Kept] = []
    found: dict[str, Event] | None = None
    try:
        runtime.keyring.fresh(runtime.engine)
        pairs = [(each, call.sender) for call in calls for each in call.letters]
        with writing(runtime.engine) as connection:
            told = keep_each(connection, runtime, pairs)
        kept = told  # committed
        ids = [each.told for each in kept if isinstance(each.told, str)]
        if runtime.settings.settle == "inline":
            settle_quietly(runtime, ids)
        found = events.by_ids(runtime, ids)
    except UNREACHABLE:
        found = None
    rest = iter(kept)
    return [_Answer(list(islice(rest, len(call.letters))), found) for call in calls]


def database_unavailable() -> Refused:
    """Return the refusal of a moment without a database; the sender shall try again."""
    return Refused(
        "database_unavailable",
        "ฐานข้อมูลยังใช้ไม่ได้ชั่วคราว โปรดส่งใหม่ภายหลัง",
        "The database cannot be reached at the moment; please send again later.",
        status=503,
    )
