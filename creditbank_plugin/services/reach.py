"""For whom somebody acts at the desk: their own organisation and those below it, or the whole platform.

``acting_for`` is the code of that organisation; None is the platform's administrator, who acts for everybody.
"""

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.queries import authority
from creditbank_plugin.storage.session import reading


def not_yours() -> Refused:
    """Return the refusal of an act for an organisation that is neither the user's own nor below it."""
    return Refused(
        "not_yours",
        "ทำรายการได้เฉพาะของหน่วยงานที่สังกัดและหน่วยงานที่อยู่ภายใต้",
        "You can act only for your own organisation and those below it.",
        status=403,
    )


def require(connection: Connection, organisation: str, acting_for: str | None) -> None:
    """Let pass who may act for ``organisation``; ``Refused("not_yours")`` for anybody else."""
    if acting_for is not None and not authority.is_within(connection, organisation, acting_for):
        raise not_yours()


def organisations_below(runtime: Runtime, acting_for: str) -> frozenset[str]:
    """Return the codes of all the organisations that somebody of ``acting_for`` may act for."""
    with reading(runtime.engine) as connection:
        return frozenset(authority.below(connection, acting_for))
