"""``creditbank adoptions``: orders of banks, entered as they were signed on paper, read and revoked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from creditbank_plugin.cli.installation import ready
from creditbank_plugin.cli.output import answer, as_json
from creditbank_plugin.rules.course import LEVEL_GROUPS
from creditbank_plugin.rules.orders import STATES, Paper, Scope
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.adopting import adoption_register, adoptions
from creditbank_plugin.services.forecasting import forecast
from creditbank_plugin.services.forecasting.tally import NUMBERS
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored

_DAY = click.DateTime(["%Y-%m-%d"])
_BY = administrator("cli")


@click.group("adoptions")
def group() -> None:
    """Orders of banks that adopt comparisons: list, add, revoke."""


@group.command("list")
@click.option("--bank", metavar="CODE", help="Only of this bank.")
@click.option("--body", metavar="CODE", help="Only on this body's comparisons.")
@click.option("--state", type=click.Choice(STATES), help="Only in this state today.")
@click.option("--after", metavar="ID", help="Go on behind this one: the `next` of the page before.")
@click.option("--limit", type=click.IntRange(1, 1000), default=200, show_default=True)
@as_json
def list_(bank: str | None, body: str | None, state: str | None, after: str | None, limit: int, as_json: bool) -> None:
    """List orders, newest entry first."""
    found = ready()
    page = adoption_register.page(found, bank=bank, body=body, state=state, after=after, limit=limit)
    items = _told(found, page.items)
    answer(as_json, {"items": items, "next": page.next}, *map(_line, items))


@group.command()
@click.option("--bank", required=True, metavar="CODE")
@click.option("--comparison", "comparison_ids", multiple=True, metavar="ID", help="Adopt this one; may be repeated.")
@click.option("--body", metavar="CODE", help="Adopt all of this body that is in force today.")
@click.option("--standing", is_flag=True, help="With --body: also what it approves later.")
@click.option("--level-group", type=click.Choice(LEVEL_GROUPS), help="With --body: only courses of this level group.")
@click.option("--occupational-group", help="With --body: only courses of this occupational group.")
@click.option("--order-number", help="Needed, but for --dry-run.")
@click.option("--signatory", help="Who signed the order; needed, but for --dry-run.")
@click.option("--ordered-on", type=_DAY, help="Its date, such as 2026-01-05; needed, but for --dry-run.")
@click.option("--applies-from", required=True, type=_DAY, help="First day of completion; it may lie in the past.")
@click.option("--applies-until", type=_DAY, help="Last day of completion, included.")
@click.option("--dry-run", is_flag=True, help="Only count what it would mean for learners.")
@as_json
def add(
    bank: str,
    comparison_ids: Sequence[str],
    body: str | None,
    standing: bool,
    level_group: str | None,
    occupational_group: str | None,
    order_number: str | None,
    signatory: str | None,
    ordered_on: datetime | None,
    applies_from: datetime,
    applies_until: datetime | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Enter an order of a bank as it was signed; what waited for it is settled.  The same order again changes nothing."""
    found = ready()
    scope = Scope(
        comparison_ids=tuple(comparison_ids),
        body=body,
        level_group=level_group,
        occupational_group=occupational_group,
        standing=standing,
    )
    first, last = applies_from.date(), applies_until.date() if applies_until is not None else None
    if dry_run:
        _forecast(found, bank, scope, first, last, as_json)
        return
    if order_number is None or signatory is None or ordered_on is None:
        raise click.UsageError("--order-number, --signatory and --ordered-on are needed")
    paper = Paper(
        order_number=order_number,
        signatory=signatory,
        ordered_on=ordered_on.date(),
        applies_from=first,
        applies_until=last,
    )
    made = adoptions.enter(found, bank=bank, scope=scope, paper=paper, by=_BY)
    items = _told(found, adoption_register.by_ids(found, made.ids))
    answer(as_json, {"items": items, "new": made.new}, *map(_line, items))


def _forecast(found: Runtime, bank: str, scope: Scope, first: Any, last: Any, as_json: bool) -> None:
    drafts = adoptions.draft(found, bank=bank, scope=scope, applies_from=first, applies_until=last, by=_BY)
    made = forecast.forecast_order(found, drafts)
    told = {name: getattr(made, name) for name in NUMBERS}
    answer(as_json, told, *(f"{name} {number}" for name, number in told.items()))


@group.command()
@click.argument("id_", metavar="ID")
@click.option("--from", "revoked_from", required=True, type=_DAY, help="First day of completion it is not for.")
@click.option("--order-number", required=True, help="Number of the order of revocation.")
@click.option("--reason", required=True)
@click.option("--whole-order", is_flag=True, help="Everything that stands under its number.")
@as_json
def revoke(id_: str, revoked_from: datetime, order_number: str, reason: str, whole_order: bool, as_json: bool) -> None:
    """Revoke an order for completions from a day on; credits given stay."""
    found = ready()
    adoptions.revoke(
        found,
        id_,
        revoked_from=revoked_from.date(),
        order_number=order_number,
        reason=reason,
        whole_order=whole_order,
        by=_BY,
    )
    (told,) = _told(found, [adoption_register.get(found, id_)])
    answer(as_json, told, _line(told))


def _told(found: Runtime, rows: Sequence[Stored]) -> list[dict[str, Any]]:
    from creditbank_plugin.api import adoption_schemas

    return adoption_schemas.adoptions(rows, found.today())


def _line(told: dict[str, Any]) -> str:
    named = told["comparison"]["course"]["code"] if told["comparison"] is not None else told["body"]
    return f"{told['id']}  {told['order_number']}  {named}  {told['applies_from']} …  {told['state']}"
