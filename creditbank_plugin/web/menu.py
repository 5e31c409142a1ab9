"""Which pages there are to go to, in rooms: who may enter which, and in which room the visitor stands.

The words are `section.<room>` and `nav.<page>` of ``texts/``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request, url_for

from creditbank_plugin.web import access, members

#: A visitor who learns, any who is logged in, one who sits in a working group; every other word of `ROOMS` is a role that
#: the host gives.
LEARNER, ANYBODY, MEMBER = "learner", "anybody", "member"

#: Room → page (an endpoint of ours) → who may enter, in the order in which they stand on the page.
ROOMS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "mine": dict.fromkeys(("home", "shared"), (LEARNER,)),
    "catalogue": {
        **dict.fromkeys(("courses", "frameworks"), (ANYBODY,)),
        "public_proposals": (ANYBODY,),
        "imports": ("admin", "committee", "registrar", "director"),
    },
    "platform": dict.fromkeys(("state", "inbox", "aliases", "editions", "clients", "webhooks"), ("admin",)),
    "comparing": {
        "proposals": ("admin", "committee", MEMBER),
        "comparisons": ("admin", "committee"),
        **dict.fromkeys(("groups", "agreement"), ("admin", "committee", MEMBER)),
        **dict.fromkeys(("suggestions", "synonyms"), ("admin", "committee")),
    },
    "adopting": dict.fromkeys(
        ("banks", "adoptions", "mandates", "memoranda", "reviews"), ("admin", "committee", "director")
    ),
    "reporting": {"reports": ("admin", "committee", "director", "registrar")},
}


@dataclass(frozen=True)
class Room:
    """A room with the pages of it that the visitor may enter; ``here`` is the one of them that the visitor stands in.

    That is also a page behind it; None when the visitor is in another room.
    """

    name: str
    pages: Sequence[str]
    here: str | None

    @property
    def url(self) -> str:
        """Return the address of its first page."""
        return url_for(f"creditbank.{self.pages[0]}")


def rooms() -> list[Room]:
    """Return the rooms in which the visitor has a page."""
    endpoint = (request.endpoint or "").removeprefix("creditbank.")
    found = []
    for name, pages in ROOMS.items():
        open_ = [page for page, who in pages.items() if _may_enter(who)]
        if open_:
            found.append(Room(name, open_, next((page for page in pages if _belongs(endpoint, page)), None)))
    return found


def _belongs(endpoint: str, page: str) -> bool:
    """Tell whether a page is ``page`` or one of those behind it, which are called after it (``group``, ``comparison_new``).

    What a learner opens from home, one record or one completion, stands behind home.
    """
    one = page.removesuffix("s")
    return (
        endpoint in (page, one)
        or endpoint.startswith(f"{one}_")
        or (page == "home" and endpoint in ("record", "event"))
    )


def staff_pages() -> list[str]:
    """Return the pages of staff that this visitor may see, the first one to go to first: one of a room of staff alone."""
    found = sorted(rooms(), key=lambda room: any(_is_shared(who) for who in ROOMS[room.name].values()))
    return [page for room in found for page in room.pages if not _is_shared(ROOMS[room.name][page])]


def _is_shared(who: Sequence[str]) -> bool:
    return not {LEARNER, ANYBODY}.isdisjoint(who)


def _may_enter(who: Sequence[str]) -> bool:
    user = access.user()
    if user is None:
        return False
    if ANYBODY in who or (LEARNER in who and user.learner is not None) or access.has_role(*who):
        return True
    return MEMBER in who and members.is_member()
