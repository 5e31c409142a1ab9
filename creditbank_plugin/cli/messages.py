"""``creditbank events``: what we were told and what became of it."""

from collections.abc import Iterator, Sequence
from typing import Any

import click

from creditbank_plugin.cli.faults import Fault
from creditbank_plugin.cli.installation import ready, runtime
from creditbank_plugin.cli.output import answer, as_json, count_text, document
from creditbank_plugin.rules.reasons import REASONS, STATES
from creditbank_plugin.rules.thai import datetime_en
from creditbank_plugin.services import events as desk
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.views import Event

CHUNK = 200


@click.group()
def events() -> None:
    """Messages: list, show, retry."""


@events.command("list")
@click.option("--state", type=click.Choice(sorted(STATES)), help="Only messages in this state.")
@click.option("--search", help="The beginning of a course code, or a whole learner, message or event id.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--after", help="The cursor `next` of the list before.")
@as_json
def list_(state: str | None, search: str | None, limit: int, after: str | None, as_json: bool) -> None:
    """List messages, newest first."""
    page = desk.page(runtime(), state=state, search=search, after=after, limit=limit)
    if as_json:
        from creditbank_plugin.api import shapes

        document({"items": [shapes.event(each) for each in page.items], "next": page.next})
        return
    for each in page.items:
        click.echo(f"{each.event_id}  {each.state:10} {each.reason:20} {each.course_code or '-'}")
    if page.next is not None:
        click.echo(f"more: --after {page.next}")
    if not page.items:
        click.echo("no messages / ไม่มีข้อความ")


@events.command()
@click.argument("event_id")
@as_json
def show(event_id: str, as_json: bool) -> None:
    """Show one message with its decision and why."""
    found = desk.get(runtime(), event_id)
    if as_json:
        from creditbank_plugin.api import shapes

        document(shapes.event(found))
        return
    for line in _story(found):
        click.echo(line)


def _story(found: Event) -> Iterator[str]:
    reason = REASONS[found.reason]
    yield f"{found.event_id}  {found.kind}  ({found.door}, {datetime_en(found.received_at)})"
    yield f"state:   {found.state}"
    yield f"reason:  {found.reason}: {reason.th} / {reason.en}"
    yield f"course:  {found.course_code or '-'}"
    yield f"record:  {found.record_id or '-'}"
    for line in found.explanation:
        yield f"  {line['rule']} ({line['source']}): {line['th']} / {line['en']}"
    if found.error:
        yield f"failed {found.attempts} times: {found.error}"


@events.command()
@click.argument("event_ids", nargs=-1, metavar="EVENT_ID...")
@click.option("--state", type=click.Choice(["parked", "waiting"]), help="Every message in this state.")
@as_json
def retry(event_ids: Sequence[str], state: str | None, as_json: bool) -> None:
    """Put messages back and settle them."""
    if bool(event_ids) == (state is not None):
        raise Fault("name messages, or a --state, not both", "ระบุรหัสข้อความ หรือ --state อย่างใดอย่างหนึ่ง")
    found = ready()
    ids = list(dict.fromkeys(event_ids))
    if state is not None:
        ids = list(_in_state(found, state))
    for each in ids if state is None else []:
        desk.get(found, each)  # an unknown id stops everything before anything is touched
    number, counts = 0, dict[str, int]()
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        number += desk.retry(found, part)
        for event in desk.by_ids(found, part).values():
            counts[event.state] = counts.get(event.state, 0) + 1
    told: dict[str, Any] = {"retried": number, "states": counts}
    answer(as_json, told, f"retried {number}: {count_text(counts)}")


def _in_state(found: Runtime, state: str) -> Iterator[str]:
    after = None
    while True:
        page = desk.page(found, state=state, after=after, limit=CHUNK)
        yield from [each.event_id for each in page.items]
        after = page.next
        if after is None:
            return
