"""Who does something at the desk or through the API: named in every step that is kept, bounded by their organisation."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Actor:
    """A person at the host, or a client of the API, as those who read the records later will see them.

    ``id`` is ``user:<id at the host>`` or ``client:<client id>`` (with ``/<person>`` where the client says for which of its
    people it acts); working groups name their members by it.  ``name`` is shown beside what was done.  ``acting_for`` is
    the organisation they act for (see `services.reach`), None for the platform's administrator.
    """

    id: str
    name: str = field(repr=False)
    acting_for: str | None


#: Whoever nobody named: what a program enters by itself.
SYSTEM = Actor("system", "system", None)


def administrator(who: str) -> Actor:
    """Return whoever works on the installation itself: the command line, the demo's seed."""
    return Actor(f"system:{who}", who, None)
