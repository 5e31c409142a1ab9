"""``creditbank settle`` and ``creditbank verify``."""

import click

from creditbank_plugin.cli.installation import ready, runtime
from creditbank_plugin.cli.output import answer, as_json, count_text, progress
from creditbank_plugin.services import settle as settling
from creditbank_plugin.services import verify as verifying


@click.command()
@as_json
def settle(as_json: bool) -> None:
    """Settle everything that is due, spooled messages first."""
    found = ready()
    with progress("settling") as step:
        states = settling.settle(found, progress=step)
    number = sum(states.values())
    answer(as_json, {"settled": number, "states": states}, f"settled {number}: {count_text(states)}")


@click.command()
@as_json
@click.pass_context
def verify(ctx: click.Context, as_json: bool) -> None:
    """Walk every chain of the ledger; exit code 1 when anything is broken."""
    with progress("entries") as step:
        result = verifying.verify(runtime(), progress=step)
    broken = result["broken"]
    lines = [f"account {each['account_id']} entry {each['seq']}: {each['why']}" for each in broken]
    total = f"{result['accounts']} accounts, {result['entries']} entries, {len(broken)} broken"
    answer(as_json, result, *lines, total)
    if broken:
        ctx.exit(1)
