"""What approving a comparison, signing an order or withdrawing a comparison would mean for learners, before it is done.

A forecast is made by the code that settles, with the act laid over what stands (`rules.supposed`), on one view of the
database; it is therefore what settling would come to if the act were done at that moment.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from creditbank_plugin.errors import not_found
from creditbank_plugin.rules import waits
from creditbank_plugin.rules.authority import Adoption, Comparison
from creditbank_plugin.rules.supposed import Supposed
from creditbank_plugin.services.foreseeing import Foreseeing
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.tally import Forecast, Tally
from creditbank_plugin.storage.base import is_uuid
from creditbank_plugin.storage.queries import authority
from creditbank_plugin.storage.session import reading

__all__ = ["Forecast", "forecast_order", "impact_of_proposal", "impact_of_withdrawal"]


def impact_of_proposal(
    runtime: Runtime, comparison: Comparison, *, ended: Mapping[str, date] | None = None
) -> Forecast:
    """Return what approving ``comparison`` would do, with the orders that stand.

    It need not be stored; its id may be any that is not.  ``ended`` are the comparisons that it would supersede, each with
    the first day to which that one no longer applies.
    """
    supposed = Supposed(comparisons=[comparison], ended=ended or {})
    return _forecast(runtime, supposed, [waits.comparison(comparison.course_id)], comparison.course_id)


def forecast_order(runtime: Runtime, orders: Sequence[Adoption]) -> Forecast:
    """Return what these orders of banks would do together, with the comparisons that stand.

    They need not be stored.  Counted are the completions of the banks' organisations that wait, and are of a course of
    which the orders adopt a comparison.
    """
    with reading(runtime.engine) as connection:
        banks = authority.banks_by_code(connection, {order.bank for order in orders})
        courses = authority.courses_adopted(connection, orders)
    keys = [waits.adoption(bank.organisation_code) for bank in banks.values()]
    return _forecast(runtime, Supposed(adoptions=orders), keys, courses=courses)


def impact_of_withdrawal(runtime: Runtime, comparison_id: str) -> Forecast:
    """Return what it would mean to put under review all that rests on a comparison; ``Refused`` (404) if it is unknown."""
    with reading(runtime.engine) as connection:
        if not is_uuid(comparison_id) or not authority.comparison_rows(connection, [comparison_id]):
            raise not_found()
    return Tally().forecast(runtime.clock())


def _forecast(
    runtime: Runtime,
    supposed: Supposed,
    keys: Sequence[str],
    course_id: str | None = None,
    courses: Collection[str] | None = None,
) -> Forecast:
    at, tally = runtime.clock(), Tally()
    runtime.keyring.fresh(runtime.engine)
    with reading(runtime.engine) as connection:
        Foreseeing(connection, runtime, supposed, course_id, courses, tally, lambda _: None).look(keys)
    return tally.forecast(at)
