"""For whom a member of staff acts: an administrator for everybody, a working group for its own and those below it.

Acts of authority are public, so lists show all of them; what may be done to one is offered only where it is allowed.
"""

from dataclasses import dataclass

from creditbank_plugin.services import organisations
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.reach import not_yours, organisations_below
from creditbank_plugin.web import access
from creditbank_plugin.web.access import has_role, runtime, this_user


@dataclass(frozen=True)
class Desk:
    """Where somebody sits: ``everywhere`` for the platform's administrator, else at ``organisation``, if at any."""

    everywhere: bool
    organisation: str | None
    codes: frozenset[str]

    def acting_for(self) -> str | None:
        """Return the organisation for the services, None for the whole platform; ``Refused`` (403) for who has none."""
        if self.everywhere:
            return None
        if self.organisation is None:
            raise not_yours()
        return self.organisation

    @property
    def may_enter(self) -> bool:
        """Tell whether there is anybody the user could act for."""
        return self.everywhere or self.organisation is not None

    def may(self, organisation: str) -> bool:
        """Tell whether the user may act for an organisation."""
        return self.everywhere or organisation in self.codes

    def refuse(self, organisation: str) -> None:
        """Raise ``Refused`` (403) for an organisation that is known but not the user's; forms name unknown ones."""
        if not self.may(organisation) and organisations.organisations(runtime(), [organisation]):
            raise not_yours()


def desk() -> Desk:
    """Return where the user of this page sits."""
    everywhere, organisation = has_role("admin"), this_user().organisation or None
    codes = organisations_below(runtime(), organisation) if organisation and not everywhere else frozenset()
    return Desk(everywhere, organisation, codes)


def actor() -> Actor:
    """Return the user of this page as one who acts; ``Refused`` (403) for one who sits at no organisation's desk."""
    return access.actor(desk().acting_for())
