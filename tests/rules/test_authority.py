"""Which comparison was nearest to a day that none covers."""

from datetime import UTC, date, datetime

import pytest

from creditbank_plugin.rules.authority import Comparison, choose


def comparison(name: str, first: date, last: date | None = None, ended: date | None = None) -> Comparison:
    return Comparison(
        id=name,
        course_id="c",
        body="b",
        scheme="basic",
        credits=150,
        nqf_level=None,
        nqf_level_basis=None,
        conditions={},
        outcomes=(),
        reference=name,
        approved_at=datetime(2020, 1, 1, tzinfo=UTC),
        applies_from=first,
        applies_until=last,
        ended_from=ended,
    )


@pytest.mark.parametrize(
    ("day", "nearest"),
    [
        (date(2019, 12, 31), "old"),
        (date(2021, 2, 1), "old"),
        (date(2021, 12, 1), "new"),
        (date(2023, 1, 1), "new"),
    ],
)
def test_outside_all_dates_the_nearest_comparison_is_named(day: date, nearest: str) -> None:
    known = [
        comparison("old", date(2020, 1, 1), date(2020, 12, 31)),
        comparison("new", date(2022, 1, 1), ended=date(2023, 1, 1)),
    ]
    found = choose(known, [], bank="B", level_group=None, day=day)
    assert (found.reason, found.comparison, found.nearest) == ("outside_dates", None, known[nearest == "new"])


def test_the_last_day_is_the_one_before_the_end_or_the_last_one_stated() -> None:
    assert comparison("a", date(2020, 1, 1)).last_day is None
    assert comparison("b", date(2020, 1, 1), ended=date(2022, 1, 1)).last_day == date(2021, 12, 31)
    assert comparison("c", date(2020, 1, 1), date(2021, 6, 1), date(2022, 1, 1)).last_day == date(2021, 6, 1)
    assert comparison("d", date(2020, 1, 1)).days_off(date(2030, 1, 1)) == 0
