"""Words that a committee holds for equal when outcomes are looked for; each change counts at once, everywhere."""

from collections.abc import Sequence

from creditbank_plugin.errors import Refused, not_found
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.matching.text import joined
from creditbank_plugin.services import reach
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored, is_uuid, new_id
from creditbank_plugin.storage.queries import generations, matching
from creditbank_plugin.storage.session import reading, writing

FEWEST, MOST, LONGEST = 2, 12, 100


def all_groups(runtime: Runtime) -> Sequence[Stored]:
    """Return every group of words, those that stand first, newest first, with who entered and ended them and when."""
    with reading(runtime.engine) as connection:
        return matching.synonyms(connection)


def add(runtime: Runtime, words: Sequence[str], *, by: Actor, body: str | None) -> str:
    """Enter words that mean the same, for the body that decided so, and return the group's id.

    ``body`` None is the platform's administrator.  Words are compared in one form (case, Thai digits, blanks).
    ``Refused``: ``not_yours`` (403), ``too_few`` or ``too_many`` words, ``too_long``, ``too_short`` (a single sign stands
    in too many texts), ``synonyms_known`` (409) where a group that stands has all of them.
    """
    told = {joined(word): thai.normalise(word) for word in reversed(list(words)) if joined(word)}
    kept = list(reversed(told.values()))
    _check(kept)
    with writing(runtime.engine) as connection:
        if body is not None:
            reach.require(connection, body, by.acting_for)
        elif by.acting_for is not None:
            raise reach.not_yours()
        generations.hold(connection, "synonyms")
        for standing in matching.words_held_equal(connection):
            if told.keys() <= {joined(word) for word in standing}:
                raise _known()
        group_id = new_id()
        matching.add_synonyms(
            connection, id=group_id, body_code=body, words=kept, added_by=by.name, added_at=runtime.clock()
        )
    return group_id


def end(runtime: Runtime, group_id: str, *, by: Actor) -> None:
    """Let a group of words no longer count; it stays for the record.  ``Refused``: 404, ``not_yours``, ``ended`` (409)."""
    with writing(runtime.engine) as connection:
        row = matching.synonym(connection, group_id) if is_uuid(group_id) else None
        if row is None:
            raise not_found()
        if row.body_code is not None:
            reach.require(connection, row.body_code, by.acting_for)
        elif by.acting_for is not None:
            raise reach.not_yours()
        if not matching.end_synonyms(connection, group_id, by=by.name, at=runtime.clock()):
            raise Refused("ended", "คำกลุ่มนี้เลิกใช้ไปแล้ว", "These words were ended already.", status=409)


def _check(words: Sequence[str]) -> None:
    if len(words) < FEWEST:
        th, en = "ต้องมีอย่างน้อยสองคำที่ต่างกัน", "At least two different words are needed."
        raise Refused("too_few", th, en, field="words")
    if len(words) > MOST:
        raise Refused("too_many", f"ใส่ได้ไม่เกิน {MOST} คำ", f"At most {MOST} words.", field="words")
    if any(len(word) > LONGEST for word in words):
        raise Refused("too_long", f"แต่ละคำยาวไม่เกิน {LONGEST} ตัว", f"Each word at most {LONGEST} signs.", field="words")
    if any(len(joined(word)) < 2 for word in words):
        raise Refused("too_short", "แต่ละคำต้องยาวอย่างน้อยสองตัว", "Each word at least two signs.", field="words")


def _known() -> Refused:
    th, en = "คำเหล่านี้ถือว่ามีความหมายเดียวกันอยู่แล้ว", "These words are held for equal already."
    return Refused("synonyms_known", th, en, field="words", status=409)
