"""``creditbank settle``."""

import click

from creditbank_plugin.cli.installation import ready
from creditbank_plugin.cli.output import answer, as_json, count_text, progress
from creditbank_plugin.services.settling import settle as settling


@click.command()
@as_json
def settle(as_json: bool) -> None:
    """Settle everything that is due, spooled messages first."""
    found = ready()
    with progress("settling") as step:
        states = settling.settle(found, progress=step)
    number = sum(states.values())
    answer(as_json, {"settled": number, "states": states}, f"settled {number}: {count_text(states)}")
