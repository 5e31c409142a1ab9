"""Who may approve for whom: an organisation acts for itself and those below it, the platform for everybody."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from creditbank_plugin.errors import Refused
from creditbank_plugin.services import organisations
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.adopting import adoption_register
from creditbank_plugin.services.catalogue import frameworks
from creditbank_plugin.services.comparing import comparisons
from creditbank_plugin.storage.queries.authority import below, comparisons_of, is_within
from creditbank_plugin.storage.session import reading
from tests.builders import (
    BANK,
    OTHER_BANK,
    OTHER_SCHOOL,
    PROVINCE,
    SCHOOL,
    House,
    add_course,
    adopt,
    beside,
    compare,
    core_curriculum,
    give_mandate,
    item_ids,
    revoke,
)

NOWHERE = "01a1fc14-cb52-7c38-a4cb-b3c982779184"
GROUP = "working-group"


def acting(organisation: str | None) -> Actor:
    """Somebody who acts for an organisation, None for the whole platform."""
    return Actor("user:u-1", "", organisation)


Act = Callable[[House, str | None], Any]
ACTS: dict[str, Act] = {
    "compare": lambda house, who: compare(house, add_course(house, "ว29999"), by=acting(who)),
    "end": lambda house, who: comparisons.end_comparison(
        house.runtime, house.ids["comparison"], ended_from=date(2026, 1, 1), by=acting(who)
    ),
    "adopt": lambda house, who: adopt(house, house.ids["comparison"], acting_for=who),
    "revoke": lambda house, who: revoke(house, house.ids["adoption"], by=acting(who)),
}


def refused(house: House, act: str, who: str | None) -> bool:
    """Tell whether the act is refused as somebody else's business; nothing else may be wrong with it."""
    try:
        ACTS[act](house, who)
    except Refused as refusal:
        if (refusal.code, refusal.status) != ("not_yours", 403):
            raise
        return True
    return False


@pytest.mark.parametrize("act", ACTS)
def test_another_school_and_an_unknown_organisation_may_do_nothing(house: House, act: str) -> None:
    before = len(comparisons.comparisons(house.runtime)), len(adoption_register.adoptions(house.runtime))
    for who in (OTHER_SCHOOL, "nobody", ""):
        assert refused(house, act, who)
    assert (len(comparisons.comparisons(house.runtime)), len(adoption_register.adoptions(house.runtime))) == before
    assert comparisons.comparisons(house.runtime)[0].ended_from is None
    assert adoption_register.adoptions(house.runtime)[0].revoked_from is None


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", [PROVINCE, None])
def test_the_platform_acts_for_all_and_the_province_for_its_own_and_who_agreed(
    house: House, act: str, who: str | None
) -> None:
    if who is not None and act in ("adopt", "revoke"):
        with pytest.raises(Refused, match="no_mandate"):
            ACTS[act](house, who)
        give_mandate(house)
    assert not refused(house, act, who)


@pytest.mark.parametrize(("act", "theirs"), [("compare", False), ("end", False), ("adopt", True), ("revoke", True)])
def test_a_school_adopts_what_its_province_compared_and_touches_nothing_above_it(
    house: House, act: str, theirs: bool
) -> None:
    assert refused(house, act, SCHOOL) is not theirs


def test_a_school_compares_for_itself_and_adopts_for_no_other_bank(house: House) -> None:
    made = compare(house, house.ids["course"], body=SCHOOL, by=acting(SCHOOL))
    comparisons.end_comparison(house.runtime, made, ended_from=date(2026, 1, 1), by=acting(SCHOOL))
    with pytest.raises(Refused, match="not_yours"):
        adopt(house, made, bank=OTHER_BANK, acting_for=SCHOOL)
    adopt(house, made, bank=BANK, acting_for=SCHOOL)


def test_what_is_unknown_is_not_found_before_anybody_asks_whose_it_is(house: House) -> None:
    for wrong in (NOWHERE, "nonsense"):
        for who in (SCHOOL, None):
            with pytest.raises(Refused) as refusal:
                comparisons.end_comparison(house.runtime, wrong, ended_from=date(2026, 1, 1), by=acting(who))
            assert refusal.value.status == 404
            with pytest.raises(Refused) as refusal:
                revoke(house, wrong, by=acting(who))
            assert refusal.value.status == 404


def test_the_whole_tree_is_the_same_as_each_step_of_it(house: House) -> None:
    organisations.add_organisation(house.runtime, code=GROUP, kind="working_group", name_th="คณะทำงาน", parent=PROVINCE)
    organisations.add_organisation(house.runtime, code="sub", kind="working_group", name_th="คณะย่อย", parent=GROUP)
    organisations.add_organisation(house.runtime, code=PROVINCE, kind="province", name_th="จังหวัด", parent="sub")
    codes = {row.code for row in organisations.organisations(house.runtime).values()}
    with reading(house.runtime.engine) as connection:
        for above in codes:
            assert below(connection, above) == {code for code in codes if is_within(connection, code, above)}
        assert below(connection, PROVINCE) == {PROVINCE, SCHOOL, OTHER_SCHOOL, GROUP, "sub"}


def test_outcomes_are_kept_in_the_order_of_their_codes(house: House) -> None:
    frameworks.load_frameworks(house.runtime, [core_curriculum()])
    codes = [f"ว 2.1 ม.5/{number}" for number in (1, 2, 3, 8, 10, 11, 20)]
    course = house.ids["course"]
    ids = {code: item_ids(code)[0] for code in codes}
    with beside():
        made = compare(house, course, outcomes=[ids[code] for code in (codes[4], *reversed(codes))])
    with reading(house.runtime.engine) as connection:
        (stored,) = (each for each in comparisons_of(connection, [course])[course] if each.id == made)
    assert list(stored.outcomes) == [ids[code] for code in codes]
    shown = [row.code for row in frameworks.items(house.runtime, search="ว 2.1 ม.5/")]
    assert [code for code in shown if code in codes] == codes
