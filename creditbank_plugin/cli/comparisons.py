"""``creditbank comparisons``: what is proposed and what is law, and whom it touches.

They are proposed, rated and signed by people whom an order appointed, on the pages or through the API: whoever works on
the installation signs for nobody.
"""

from collections.abc import Sequence

import click

from creditbank_plugin.cli.installation import ready
from creditbank_plugin.cli.output import answer, as_json
from creditbank_plugin.rules.proposal import STATE_WORDS, STATES
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.comparing import proposal_views
from creditbank_plugin.services.forecasting import forecast
from creditbank_plugin.services.forecasting.tally import NUMBERS

_BY = administrator("cli")


@click.group()
def comparisons() -> None:
    """Comparisons and proposals: list, show, impact."""


@comparisons.command("list")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(STATES), help="Only in this state; may be repeated."
)
@click.option("--body", metavar="CODE", help="Only of this comparing body.")
@click.option("--after", metavar="ID", help="Go on behind this one: the `next` of the page before.")
@click.option("--limit", type=click.IntRange(1, 1000), default=200, show_default=True)
@as_json
def list_(states: Sequence[str], body: str | None, after: str | None, limit: int, as_json: bool) -> None:
    """List comparisons and proposals, newest first."""
    from creditbank_plugin.api.comparison_shapes import summary

    page = proposal_views.page(ready(), by=_BY, states=states, body=body, after=after, limit=limit)
    items = [summary(row) for row in page.items]
    lines = [
        f"{each['id']}  {each['course']['code']} {each['course']['title']['th']}  {' / '.join(STATE_WORDS[each['state']])}"
        for each in items
    ]
    answer(as_json, {"items": items, "next": page.next}, *lines)


@comparisons.command()
@click.argument("id_", metavar="ID")
@as_json
def show(id_: str, as_json: bool) -> None:
    """Show one with its terms and every step: who, when, why."""
    from creditbank_plugin.api.comparison_shapes import comparison

    told = comparison(proposal_views.get(ready(), id_, by=_BY))
    course = told["course"]
    lines = [
        f"{course['code']} {course['version']} {course['title']['th']}: {' / '.join(STATE_WORDS[told['state']])}",
        f"{told['credits'] or '–'} {told['scheme'] or ''} {told['applies_from'] or '–'} … {told['applies_until'] or ''}",
        *(f"{step['at']}  {step['action']}  {step['name']}  {step['reason'] or ''}".rstrip() for step in told["steps"]),
    ]
    answer(as_json, told, *lines)


@comparisons.command()
@click.argument("id_", metavar="ID")
@as_json
def impact(id_: str, as_json: bool) -> None:
    """Count whom it touches: of a proposal if it were signed now, of law if all that rests on it were put under review."""
    found = ready()
    view = proposal_views.get(found, id_, by=_BY)
    if proposal_views.is_law(view.row):
        made = forecast.impact_of_withdrawal(found, id_)
    else:
        wanted, ended = proposal_views.as_comparison(view.row, found.clock())
        made = forecast.impact_of_proposal(found, wanted, ended=ended)
    told = {name: getattr(made, name) for name in NUMBERS}
    answer(as_json, told, *(f"{name} {number}" for name, number in told.items()))
