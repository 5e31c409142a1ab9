"""``creditbank webhooks``: who is told of changes, what is due, sending it now and again."""

import click

from creditbank_plugin.cli.installation import ready, runtime
from creditbank_plugin.cli.output import answer, as_json, count_text, document
from creditbank_plugin.formats.moments import instant_text
from creditbank_plugin.services.telling import post, subscriptions
from creditbank_plugin.storage.queries.webhooks import STATES


@click.group()
def webhooks() -> None:
    """Webhooks: list, deliveries, send, resend, stop."""


@webhooks.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List every subscription, those that ended last."""
    rows = subscriptions.everybodys(runtime())
    if as_json:
        kept = ("id", "client_id", "organisation_code", "url", "types", "due", "told", "parked")
        items = [
            {
                **{name: getattr(row, name) for name in kept},
                "ended_at": instant_text(row.ended_at) if row.ended_at is not None else None,
            }
            for row in rows
        ]
        document({"items": items})
        return
    for row in rows:
        state = "ended" if row.ended_at is not None else f"due {row.due}, told {row.told}, parked {row.parked}"
        click.echo(f"{row.id}  {row.client_id}  {row.url}  {state}")
    if not rows:
        click.echo("no webhooks / ไม่มีการแจ้งไปยังระบบอื่น")


@webhooks.command()
@click.argument("webhook_id")
@click.option("--state", type=click.Choice(STATES))
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--after", help="The id of the last one that was shown.")
def deliveries(webhook_id: str, state: str | None, limit: int, after: str | None) -> None:
    """List what was or is to be sent to one address, the newest first."""
    page = subscriptions.deliveries(runtime(), webhook_id, state=state, after=after, limit=limit)
    for each in page.items:
        fault = f"{each.last_error or ''} {each.last_status or ''}".strip()
        click.echo(f"{each.id}  {each.type:18} {each.state:7} {each.attempts:3}  {fault or '-'}")
    if not page.items:
        click.echo("no messages / ไม่มีข้อความ")


@webhooks.command()
@as_json
def send(as_json: bool) -> None:
    """Send everything that is due now; for a timer where no worker runs."""
    done = post.deliver(ready())
    answer(as_json, {"sent": done}, f"sent {sum(done.values())}: {count_text(done)}" if done else "nothing is due")


@webhooks.command()
@click.argument("webhook_id")
@click.argument("delivery_id")
def resend(webhook_id: str, delivery_id: str) -> None:
    """Let a message that was told or parked be sent once more, under the same id: by a worker, or with `webhooks send`."""
    again = subscriptions.resend(runtime(), webhook_id, delivery_id, here=False)
    click.echo(f"{again.id}: {again.state}")


@webhooks.command()
@click.argument("webhook_id")
def stop(webhook_id: str) -> None:
    """End a subscription: nothing is sent to its address any more."""
    subscriptions.end(runtime(), webhook_id)
    click.echo(f"{webhook_id}: ended")
