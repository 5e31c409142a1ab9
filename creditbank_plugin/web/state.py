"""The state of the module at a glance, for the platform's administrator."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from creditbank_plugin.rules.reasons import STATES
from creditbank_plugin.services import authority, events, spool
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage import upgrade
from creditbank_plugin.storage.queries import data_keys, queue
from creditbank_plugin.storage.session import reading
from creditbank_plugin.web.access import for_roles, runtime
from creditbank_plugin.web.page import page


@dataclass(frozen=True)
class Health:
    """What an administrator looks at first; moments in UTC, revisions by their names."""

    oldest: datetime | None
    at_revision: str | None
    head: str
    issuers: list[Any]
    keys: int
    newest_key: datetime | None
    keys_fit: bool
    spooled: int


def add_pages(blueprint: Blueprint) -> None:
    """Add the page to ``blueprint``."""
    blueprint.add_url_rule("/admin/", "state", for_roles("admin")(show_state))


def show_state() -> ResponseReturnValue:
    """Show counts, what waits longest, migrations, keys, issuers, and what asks for a person."""
    here = runtime()
    counts = events.counts(here)
    return page(
        "admin/state",
        counts=[(state, counts.get(state, 0)) for state in STATES],
        health=_health(here),
        tasks=authority.tasks(here),
        reviews=authority.reviews(here),
    )


def _health(here: Runtime) -> Health:
    with reading(here.engine) as connection:
        oldest = queue.oldest_due(connection)
        rows = data_keys.all_keys(connection)
    masters = {master.id for master in here.keyring.masters.all()}
    return Health(
        oldest=oldest,
        at_revision=upgrade.current(here.engine),
        head=upgrade.head(),
        issuers=authority.issuers(here),
        keys=len(rows),
        newest_key=max((row.created_at for row in rows), default=None),
        keys_fit=all(row.master_id in masters for row in rows),
        spooled=len(spool.waiting(here)),
    )

