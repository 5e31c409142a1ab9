"""What approving a comparison, signing an order or withdrawing a comparison would mean for learners, before it is done.

A forecast is made by the code that settles, with the act laid over what stands (`rules.supposed`), on one view of the
database; it is therefore what settling would come to if the act were done at that moment.  Large ones are left to a job
(`outlook`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from creditbank_plugin.errors import Refused, not_found
from creditbank_plugin.rules import waits
from creditbank_plugin.rules.acts import Act
from creditbank_plugin.rules.authority import Adoption, Comparison
from creditbank_plugin.rules.supposed import Supposed
from creditbank_plugin.services import jobs
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.forecasting import withdrawing
from creditbank_plugin.services.forecasting.foreseeing import Foreseeing
from creditbank_plugin.services.forecasting.tally import Forecast, Tally
from creditbank_plugin.services.plugins import asks_others
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import is_uuid
from creditbank_plugin.storage.queries import authority, forecast
from creditbank_plugin.storage.queries import jobs as job_rows
from creditbank_plugin.storage.queries import reviews as review_rows
from creditbank_plugin.storage.session import reading

__all__ = [
    "Act",
    "Forecast",
    "Running",
    "forecast_order",
    "impact_of_proposal",
    "impact_of_withdrawal",
    "outlook",
    "require_made",
]

KIND = "forecast"
#: How many completions are looked at while somebody waits; where plugins are asked about each, far fewer.
AT_ONCE, AT_ONCE_ASKED = 120_000, 500
#: For how long the result of a job answers the same question.
FRESH = timedelta(minutes=5)
#: For how long after it was begun somebody may sign what they have seen the forecast of.
SEEN = timedelta(hours=1)


@dataclass(frozen=True)
class Running:
    """A forecast that is still being made, by a job: ask again."""

    job_id: str
    done: int
    total: int | None


def impact_of_proposal(
    runtime: Runtime, comparison: Comparison, *, ended: Mapping[str, date] | None = None
) -> Forecast:
    """Return what approving ``comparison`` would do, with the orders that stand.

    It need not be stored; its id may be any that is not.  ``ended`` are the comparisons that it would supersede, each with
    the first day to which that one no longer applies.
    """
    return _made(runtime, Act(comparison=comparison, ended=ended or {}))


def forecast_order(runtime: Runtime, orders: Sequence[Adoption]) -> Forecast:
    """Return what these orders of banks would do together, with the comparisons that stand.

    They need not be stored.  Counted are the completions of the banks' organisations that wait, and are of a course of
    which the orders adopt a comparison.
    """
    return _made(runtime, Act(orders=orders))


def impact_of_withdrawal(runtime: Runtime, comparison_id: str) -> Forecast:
    """Return what it would mean to put under review all that rests on a comparison; ``Refused`` (404) if it is unknown."""
    return _made(runtime, Act(withdrawn=comparison_id))


def outlook(runtime: Runtime, act: Act, *, by: Actor) -> Forecast | Running:
    """Return the forecast of an act, or the job that makes it where that takes longer than anybody waits.

    Who asks again for the same is told of the same job, and its result once it is there, for some minutes.
    """
    wanted = act.to_json()
    with reading(runtime.engine) as connection:
        at_once = _is_small(connection, runtime, act)
        if not at_once:
            for row in job_rows.latest(connection, KIND, by.id, runtime.clock() - FRESH):
                if row.wanted == wanted and row.state in (job_rows.QUEUED, job_rows.RUNNING):
                    return Running(row.id, row.done, row.total)
                if row.wanted == wanted and row.state == job_rows.DONE:
                    return Forecast.from_json(row.result)
    if at_once:
        return _made(runtime, act)
    job_id = jobs.start(runtime, KIND, wanted, by=by.id, organisation=by.acting_for)
    row = jobs.get(runtime, job_id, acting_for=None)
    return Forecast.from_json(row.result) if row.state == job_rows.DONE else Running(job_id, row.done, row.total)


def require_made(runtime: Runtime, act: Act, *, by: Actor) -> None:
    """Let pass who could see what an act would mean: at once, or because a job of theirs has made the forecast.

    ``Refused`` (409, ``impact_unseen``) while it is still being made, was never asked for, or was made long ago.
    """
    wanted = act.to_json()
    with reading(runtime.engine) as connection:
        if _is_small(connection, runtime, act):
            return
        of_late = job_rows.latest(connection, KIND, by.id, runtime.clock() - SEEN)
        if any(row.wanted == wanted and row.state == job_rows.DONE for row in of_late):
            return
    raise Refused(
        "impact_unseen",
        "ยังคำนวณผลต่อผู้เรียนไม่เสร็จ โปรดดูผลก่อนลงนาม",
        "What it would mean for learners is not known yet: look at it before you sign.",
        status=409,
    )


def _is_small(connection: Connection, runtime: Runtime, act: Act) -> bool:
    most = AT_ONCE_ASKED if asks_others(runtime.plugins) else AT_ONCE
    return _size(connection, act, most + 1) <= most


@jobs.long_work(KIND)
def work(runtime: Runtime, wanted: Mapping[str, object], progress: jobs.Progress) -> Mapping[str, object]:
    """Make a large forecast."""
    act = Act.from_json(wanted)
    with reading(runtime.engine) as connection:
        total = _size(connection, act, 100_000_000)
    return _made(runtime, act, lambda done: progress.at(min(done, total), total)).to_json()


def _made(runtime: Runtime, act: Act, said: Callable[[int], None] = lambda _: None) -> Forecast:
    at, tally = runtime.clock(), Tally()
    runtime.keyring.fresh(runtime.engine)
    with reading(runtime.engine) as connection:
        if act.withdrawn is not None:
            course_id = _course_of(connection, act.withdrawn)
            withdrawing.look(connection, runtime, act.withdrawn, course_id, tally, said)
            return tally.forecast(at)
        supposed = Supposed(comparisons=_comparisons(act), adoptions=act.orders, ended=act.ended)
        courses: Collection[str] | None = None
        if act.comparison is None:
            courses = authority.courses_adopted(connection, act.orders)
        course = act.comparison.course_id if act.comparison is not None else None
        Foreseeing(connection, runtime, supposed, course, courses, tally, said).look(_keys(connection, act))
    return tally.forecast(at)


def _comparisons(act: Act) -> list[Comparison]:
    return [act.comparison] if act.comparison is not None else []


def _course_of(connection: Connection, comparison_id: str) -> str:
    found = authority.comparison_rows(connection, [comparison_id]) if is_uuid(comparison_id) else {}
    if comparison_id not in found:
        raise not_found()
    return str(found[comparison_id].course_id)


def _keys(connection: Connection, act: Act) -> list[str]:
    """Return what the act would wake."""
    if act.comparison is not None:
        return [waits.comparison(act.comparison.course_id)]
    banks = authority.banks_by_code(connection, {order.bank for order in act.orders})
    return sorted(waits.adoption(bank.organisation_code) for bank in banks.values())


def _size(connection: Connection, act: Act, most: int) -> int:
    if act.withdrawn is not None:
        return review_rows.how_many(connection, act.withdrawn, _course_of(connection, act.withdrawn))
    return forecast.how_many(connection, _keys(connection, act), most)
