"""Which pages there are to go to, in rooms: who may enter which, and in which room the visitor stands.

The words are `section.<room>` and `nav.<page>` of ``texts/``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request, url_for

from creditbank_plugin.web import access

#: A visitor who learns; every other word of `ROOMS` is a role that the host gives.
LEARNER = "learner"

#: Room → page (an endpoint of ours) → who may enter, in the order in which they stand on the page.
ROOMS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "mine": {"home": (LEARNER,)},
    "platform": {"state": ("admin",), "inbox": ("admin",), "aliases": ("admin",)},
    "comparing": {"comparisons": ("admin", "committee")},
    "adopting": {"adoptions": ("admin", "committee")},
    "reporting": {"reports": ("admin", "committee", "director", "registrar")},
}


@dataclass(frozen=True)
class Room:
    """A room with the pages of it that the visitor may enter; ``here`` when the present page is one of its."""

    name: str
    pages: Sequence[str]
    here: bool

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
            found.append(Room(name, open_, any(_belongs(endpoint, page) for page in pages)))
    return found


def _belongs(endpoint: str, page: str) -> bool:
    """Tell whether a page is ``page`` or one of those behind it, which are called after it (``comparison_new``)."""
    return endpoint == page or endpoint.startswith(f"{page.removesuffix('s')}_")


def staff_pages() -> list[str]:
    """Return the pages of staff that this visitor may see, the first one to go to first."""
    return [page for room in rooms() for page in room.pages if page != "home"]


def _may_enter(who: Sequence[str]) -> bool:
    user = access.user()
    if user is None:
        return False
    return (LEARNER in who and user.learner is not None) or access.has_role(*who)
