"""``creditbank db``: bring our tables to a revision."""

import sys

import click
from alembic.util import CommandError

from creditbank_plugin.cli.faults import Fault
from creditbank_plugin.cli.installation import close_host, revision, runtime, shown
from creditbank_plugin.cli.output import answer, as_json, note
from creditbank_plugin.services.catalogue.frameworks import load_frameworks
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage import upgrade as migrations


@click.group()
def db() -> None:
    """Our tables: upgrade, downgrade, current."""


def bring_up(found: Runtime) -> int:
    """Upgrade to the newest revision, load the outcome frameworks and make the keys; return how many items are new.

    All of it here, so that a host's first request finds everything in place.
    """
    migrations.upgrade(found.engine)
    found.keyring.prepare(found.engine)
    return load_frameworks(found)


@db.command()
@as_json
def upgrade(as_json: bool) -> None:
    """Upgrade to the newest revision; safe to repeat and to run by two at once."""
    found = runtime(migrated=False, make=True)
    before = revision(found.engine)
    try:
        items = bring_up(found)
    except CommandError as error:
        raise _unknown(error) from None
    after = revision(found.engine)
    answer(
        as_json,
        {"before": before, "current": after, "items": items},
        f"tables at {after} (before: {before or 'none'}); {items} new outcomes",
    )


# "-1" (one revision back) is a revision, not an option.
@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("revision_", metavar="REVISION")
@as_json
def downgrade(revision_: str, as_json: bool) -> None:
    """Go back to REVISION; ``base`` removes every table of ours with all that is in it."""
    found = runtime(migrated=False)
    before = revision(found.engine)
    if before is None:
        raise Fault("our tables are not there", "ยังไม่มีตารางของระบบ")
    if sys.stdin.isatty() and sys.stderr.isatty():
        note(f"{shown(found.engine.url)}: {before} → {revision_}")
        click.confirm("This can remove data for good. Go on?", abort=True, err=True)
    close_host()
    try:
        migrations.downgrade(found.engine, revision_)
    except CommandError as error:
        raise _unknown(error) from None
    after = revision(found.engine)
    answer(as_json, {"before": before, "current": after}, f"tables at {after or 'none'} (before: {before})")


@db.command()
@as_json
def current(as_json: bool) -> None:
    """Show the revision the database stands at, and the newest one."""
    found = runtime(migrated=False)
    now, head = revision(found.engine), migrations.head()
    answer(as_json, {"current": now, "head": head}, f"{now or 'none'} (newest: {head})")


def _unknown(error: CommandError) -> Fault:
    return Fault(str(error), "ไม่รู้จักรุ่นของตารางนี้")
