"""Which pair applies, held against the rule said in other words: own order first, then standing ones, then nobody."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from creditbank_plugin.rules.authority import Adoption, Authority, Comparison, choose

DAY = date(2026, 3, 1)
BANKS, BODIES = ("ours", "theirs"), ("b1", "b2")
LEVELS, OCCUPATIONS = ("lower_secondary", "diploma"), ("ท่องเที่ยว", "เกษตร")


def days(*off: int) -> st.SearchStrategy[date]:
    return st.sampled_from(off).map(lambda each: DAY + timedelta(days=each))


#: A first day, a last one and an end, around the day of completion: on it, just beside it, far from it, or none.
FIRST, LAST, END = days(-30, -1, 0, 1), days(-1, 0, 1, 30), days(-1, 0, 1)


@st.composite
def comparisons(draw: st.DrawFn) -> list[Comparison]:
    return [
        Comparison(
            id=f"c{number}",
            course_id="course",
            body=draw(st.sampled_from(BODIES)),
            scheme="basic",
            credits=draw(st.sampled_from([100, 150])),
            nqf_level=None,
            nqf_level_basis=None,
            conditions={},
            outcomes=(),
            reference="ประกาศ",
            approved_at=datetime(2020, 1, draw(st.integers(1, 3)), tzinfo=UTC),
            applies_from=draw(FIRST),
            applies_until=draw(st.none() | LAST),
            ended_from=draw(st.none() | END),
        )
        for number in range(draw(st.integers(0, 4)))
    ]


@st.composite
def adoptions(draw: st.DrawFn) -> list[Adoption]:
    made = []
    for number in range(draw(st.integers(0, 6))):
        single = draw(st.booleans())
        made.append(
            Adoption(
                id=f"a{number}",
                bank=draw(st.sampled_from(BANKS)),
                comparison_id=draw(st.sampled_from(["c0", "c1", "c2", "c3"])) if single else None,
                body=None if single else draw(st.sampled_from(BODIES)),
                level_group=None if single else draw(st.none() | st.sampled_from(LEVELS)),
                occupational_group=None if single else draw(st.none() | st.sampled_from(OCCUPATIONS)),
                order_number=f"{number}/2569",
                signatory="ผู้อำนวยการ",
                ordered_on=date(2026, 1, draw(st.integers(1, 3))),
                applies_from=draw(FIRST),
                applies_until=draw(st.none() | LAST),
                revoked_from=draw(st.none() | END),
            )
        )
    return made


def applies(each: Comparison | Adoption) -> bool:
    """A first day, a last one, and the day from which it is ended or revoked: said once more, day by day."""
    over = each.ended_from if isinstance(each, Comparison) else each.revoked_from
    last = each.applies_until or date.max
    return each.applies_from <= DAY <= last and (over is None or over > DAY)


def in_groups(order: Adoption, level: str | None, occupation: str | None) -> bool:
    wanted = ((order.level_group, level), (order.occupational_group, occupation))
    return all(asked is None or asked == has for asked, has in wanted)


GROUPS = (st.none() | st.sampled_from(LEVELS), st.none() | st.sampled_from(OCCUPATIONS))


@given(comparisons(), adoptions(), *GROUPS)
def test_own_orders_come_before_standing_ones_and_two_that_disagree_wait(
    known: list[Comparison], orders: list[Adoption], level: str | None, occupation: str | None
) -> None:
    found = choose(known, orders, bank="ours", level_group=level, occupational_group=occupation, day=DAY)
    covering = {each.id: each for each in known if applies(each)}
    ours = [each for each in orders if each.bank == "ours" and applies(each)]
    single = {each.comparison_id for each in ours if each.comparison_id in covering}
    standing = {
        each.id
        for each in covering.values()
        for order in ours
        if order.comparison_id is None and order.body == each.body and in_groups(order, level, occupation)
    }
    first = {each for each in (single or standing) if each is not None}
    if not known:
        assert found.reason == "no_comparison"
    elif not covering:
        assert found.reason == "outside_dates"
    elif not first:
        assert found.reason == "not_adopted"
    elif len({covering[each].credits for each in first}) > 1:
        assert found.reason == "adoptions_disagree"
    else:
        assert found.reason == ""
    pair_is_named = found.comparison is not None and found.adoption is not None
    assert pair_is_named == (found.reason == "")
    if found.adoption is not None and found.comparison is not None:
        assert found.comparison.id in first
        assert found.adoption in ours
        assert (found.adoption.comparison_id is not None) == bool(single)


@given(comparisons(), adoptions(), *GROUPS)
def test_neither_the_order_of_entry_nor_other_banks_change_what_applies(
    known: list[Comparison], orders: list[Adoption], level: str | None, occupation: str | None
) -> None:
    def ask(comparisons: list[Comparison], adoptions: list[Adoption]) -> Authority:
        return choose(comparisons, adoptions, bank="ours", level_group=level, occupational_group=occupation, day=DAY)

    found = ask(known, orders)
    assert ask(known[::-1], orders[::-1]) == found
    assert ask(known, [each for each in orders if each.bank == "ours"]) == found
    assert choose(known, orders, bank=None, level_group=level, day=DAY).adoption is None


@given(comparisons(), adoptions(), st.integers(0, 5))
@example([], [], 0)
def test_revoking_an_order_is_as_if_it_had_never_been_from_that_day_on(
    known: list[Comparison], orders: list[Adoption], which: int
) -> None:
    if which >= len(orders):
        return
    gone = Adoption(**{**vars(orders[which]), "revoked_from": DAY})
    without = orders[:which] + orders[which + 1 :]
    revoked = [*orders[:which], gone, *orders[which + 1 :]]
    asked = {"bank": "ours", "level_group": None, "day": DAY}
    assert choose(known, revoked, **asked) == choose(known, without, **asked)


@given(comparisons(), adoptions())
def test_an_own_order_for_the_course_ends_every_disagreement_of_standing_ones(
    known: list[Comparison], orders: list[Adoption]
) -> None:
    standing = [each for each in orders if each.comparison_id is None]
    asked = {"bank": "ours", "level_group": None, "day": DAY}
    if choose(known, standing, **asked).reason != "adoptions_disagree":
        return
    covering = next(each for each in known if applies(each))
    own = Adoption(
        id="own",
        bank="ours",
        comparison_id=covering.id,
        body=None,
        level_group=None,
        order_number="99/2569",
        signatory="ผู้อำนวยการ",
        ordered_on=DAY,
        applies_from=DAY,
    )
    found = choose(known, [*standing, own], **asked)
    assert (found.comparison, found.adoption, found.reason) == (covering, own, "")
