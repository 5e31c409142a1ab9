"""``creditbank groups``: working groups that an order has appointed to compare courses, and their members."""

from datetime import date, datetime

import click

from creditbank_plugin.cli.installation import ready, runtime
from creditbank_plugin.cli.output import answer, as_json
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.proposal import PROCEDURES, ROLES
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.comparing import groups as services
from creditbank_plugin.services.runtime import Runtime

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def groups() -> None:
    """Working groups that compare courses: add, member, list."""


@groups.command()
@click.option("--body", required=True, metavar="CODE", help="The organisation in whose name they compare.")
@click.option("--name-th", required=True)
@click.option("--name-en")
@click.option("--order-number", required=True, help="Number of the order that appointed them.")
@click.option("--signatory", required=True, help="Who signed that order.")
@click.option("--ordered-on", required=True, type=_DAY, help="Its date, such as 2026-01-05.")
@click.option("--procedure", type=click.Choice(PROCEDURES), default=PROCEDURES[0], show_default=True)
@click.option("--raters", type=int, default=2, show_default=True, help="Ratings needed before the chair may approve.")
@click.option("--quorum", type=int, default=3, show_default=True, help="Members needed at a meeting that decides.")
@click.option("--comment-days", type=int, default=0, show_default=True, help="Days for the public to comment; 0: none.")
@click.option("--level-group", help="Only courses of this level group.")
@click.option("--occupational-group", help="Only courses of this occupational group.")
@as_json
def add(
    body: str,
    name_th: str,
    name_en: str | None,
    order_number: str,
    signatory: str,
    ordered_on: datetime,
    procedure: str,
    raters: int,
    quorum: int,
    comment_days: int,
    level_group: str | None,
    occupational_group: str | None,
    as_json: bool,
) -> None:
    """Enter a working group; prints its id."""
    made = services.add_group(
        ready(),
        body=body,
        name_th=name_th,
        name_en=name_en,
        order_number=order_number,
        order_signatory=signatory,
        ordered_on=ordered_on.date(),
        procedure=procedure,
        raters=raters,
        quorum=quorum,
        comment_days=comment_days,
        level_group=level_group,
        occupational_group=occupational_group,
        by=administrator("cli"),
    )
    answer(as_json, {"id": made, "body": body}, made)


@groups.command()
@click.argument("group_id", metavar="GROUP")
@click.argument("actor")
@click.option("--name", required=True, help="The name as it stands in the order.")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--since", type=_DAY, help="First day of the term; today unless told.")
@click.option("--until", type=_DAY, help="Last day of the term.")
@as_json
def member(
    group_id: str,
    actor: str,
    name: str,
    role: str,
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
) -> None:
    """Appoint ACTOR to GROUP for a term; the same ACTOR and first day again change that term.

    ACTOR is user:<id at the host> or client:<client id>, with /<person> where the client acts for several.
    """
    found = ready()
    first = since.date() if since is not None else _today(found)
    last = until.date() if until is not None else None
    services.add_member(found, group_id, actor, name=name, role=role, since=first, until=last, by=administrator("cli"))
    told = {
        "group": group_id,
        "actor": actor,
        "role": role,
        "since": first.isoformat(),
        "until": last.isoformat() if last else None,
    }
    answer(as_json, told, f"{actor} is {role} from {first} on")


@groups.command("list")
@as_json
def list_groups(as_json: bool) -> None:
    """List working groups with their members."""
    found = runtime()
    items, lines = [], []
    for row in services.groups(found):
        _, members, _ = services.group(found, row.id)
        told = [
            {
                "actor": each.actor,
                "name": each.name,
                "role": each.role,
                "since": each.since.isoformat(),
                "until": each.until.isoformat() if each.until else None,
            }
            for each in members
        ]
        items.append(
            {
                "id": row.id,
                "body": row.body_code,
                "name": {"th": row.name_th, "en": row.name_en},
                "procedure": row.procedure,
                "raters": row.raters,
                "quorum": row.quorum,
                "comment_days": row.comment_days,
                "members": told,
            }
        )
        lines.append(f"{row.id}  {row.body_code}  {row.name_th}")
        lines += [f"    {each['role']:9} {each['actor']}  {each['name']}" for each in told]
    answer(as_json, {"items": items, "next": None}, *lines)


def _today(found: Runtime) -> date:
    return thai.bangkok_day(found.clock())
