"""Receive messages from a door: keep them in one transaction, settle them, answer each."""

from collections.abc import Sequence

from creditbank_hooks import TidingError
from creditbank_plugin.errors import Refused
from creditbank_plugin.services import events
from creditbank_plugin.services.keep import Letter, Sender, ignored_letter, keep, letter
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settle import settle
from creditbank_plugin.services.views import Event
from creditbank_plugin.storage.faults import UNREACHABLE
from creditbank_plugin.storage.session import writing

__all__ = ["Letter", "Sender", "database_unavailable", "ignored_letter", "letter", "receive"]


def receive(runtime: Runtime, letters: Sequence[Letter], sender: Sender) -> list[Event | TidingError]:
    """Keep letters and settle them; answer each in its place with its event, or with why it is refused.

    ``Refused("database_unavailable")`` (503) when the database cannot be reached: nothing of the call was kept.
    """
    try:
        runtime.keyring.fresh(runtime.engine)
        with writing(runtime.engine) as connection:
            kept = keep(connection, runtime, letters, sender)
        ids = [each for each in kept if isinstance(each, str)]
        if runtime.settings.settle == "inline":
            settle(runtime, only=ids)
        found = events.by_ids(runtime, ids)
    except UNREACHABLE:
        raise database_unavailable() from None
    return [found[each] if isinstance(each, str) else each for each in kept]


def database_unavailable() -> Refused:
    """Return the refusal of a moment without a database; the sender shall try again."""
    return Refused(
        "database_unavailable",
        "ฐานข้อมูลยังใช้ไม่ได้ชั่วคราว โปรดส่งใหม่ภายหลัง",
        "The database cannot be reached at the moment; please send again later.",
        status=503,
    )
