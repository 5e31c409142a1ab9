"""Who may approve for whom on the pages: what is offered, and what a form made by hand is answered."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from creditbank_hooks import HostUser
from creditbank_plugin.services.adopting import adoption_register
from creditbank_plugin.services.comparing import comparisons
from tests.builders import OTHER_BANK, OTHER_SCHOOL, PROVINCE, SCHOOL, House, Place, compare
from tests.web.test_adoption_pages import ADOPT, REVOKED, choice, sign, signature
from tests.web.test_authority_pages import NEW, comparison, course_id, day
from tests.web.world import MATHS, log_in, make_world, post

COMPARISONS, ADOPTIONS = "/creditbank/admin/comparisons", "/creditbank/admin/adoptions"
NOWHERE = "01a1fc14-cb52-7c38-a4cb-b3c982779184"
REFUSED = "ทำรายการได้เฉพาะของหน่วยงานที่สังกัดและหน่วยงานที่อยู่ภายใต้"
ENDED = {"era": "be", "ended_as": "withdrawn", **day("ended_from", 1, 6, 2569)}


@pytest.fixture(scope="module")
def unchanged(shared_place: Place) -> Iterator[House]:
    """A bank for those who are refused everything."""
    return make_world(shared_place)


def acts(house: House) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every form of the desk as a browser would send it for the province's comparison and the first school's order."""
    return {
        "end": (f"{COMPARISONS}/{house.ids['comparison']}/end", ENDED),
        "end without a day": (f"{COMPARISONS}/{house.ids['comparison']}/end", {"era": "be"}),
        "adopt": (ADOPT, {**choice(), **signature()}),
        "look": (ADOPT, choice()),
        "revoke": (f"{ADOPTIONS}/{house.ids['adoption']}/revoke", REVOKED),
        "revoke without a day": (f"{ADOPTIONS}/{house.ids['adoption']}/revoke", {"era": "be"}),
    }


def standing(house: House) -> list[tuple[Any, ...]]:
    """What the desk has entered so far."""
    compared = [(row.id, row.ended_from) for row in comparisons.comparisons(house.runtime)]
    return [*compared, *((row.id, row.revoked_from) for row in adoption_register.adoptions(house.runtime))]


def without_organisation(house: House, role: str) -> Any:
    client = log_in(house, role)
    house.user.now = HostUser(id="u-1", roles=frozenset({role}))
    return client


@pytest.mark.parametrize(
    "act",
    ["end", "end without a day", "adopt", "look", "revoke", "revoke without a day"],
)
@pytest.mark.parametrize("who", [OTHER_SCHOOL, "nobody", None])
def test_another_school_s_committee_is_refused_what_it_sends_by_hand(unchanged: House, act: str, who: str) -> None:
    before = standing(unchanged)
    client = log_in(unchanged, "committee", organisation=who) if who else without_organisation(unchanged, "committee")
    path, sent = acts(unchanged)[act]
    answer = post(client, path, **sent)
    assert answer.status_code == 403
    assert REFUSED in answer.text
    assert standing(unchanged) == before


def test_a_committee_sends_nothing_for_another_school_in_its_own_name(unchanged: House) -> None:
    before = standing(unchanged)
    client = log_in(unchanged, "committee", organisation=SCHOOL)
    for body in (SCHOOL, OTHER_SCHOOL, "national"):
        assert post(client, NEW, **comparison(unchanged, body=body)).status_code == 403, "a group decides, nobody else"
    assert post(client, ADOPT, **choice(bank=OTHER_BANK)).status_code == 403
    assert standing(unchanged) == before


@pytest.mark.parametrize("wrong", [NOWHERE, "nonsense"])
@pytest.mark.parametrize("role", ["admin", "committee"])
def test_what_is_unknown_is_not_found(unchanged: House, role: str, wrong: str) -> None:
    client = log_in(unchanged, role, organisation=PROVINCE)
    for sent in (ENDED, {}):
        assert post(client, f"{COMPARISONS}/{wrong}/end", **sent).status_code == 404
    for sent in (REVOKED, {}):
        assert post(client, f"{ADOPTIONS}/{wrong}/revoke", **sent).status_code == 404


def test_lists_show_everything_and_offer_what_is_allowed(unchanged: House) -> None:
    ends, revokes = r'action="/creditbank/admin/comparisons/[\w-]+/end"', r'href="[\w/]+/adoptions/[\w-]+/revoke"'
    offered = {}
    for who in (PROVINCE, SCHOOL, OTHER_SCHOOL):
        client = log_in(unchanged, "committee", organisation=who)
        compared, adopted = client.get(COMPARISONS).text, client.get(ADOPTIONS).text
        assert (MATHS[1] in compared, MATHS[1] in adopted) == (True, True)
        assert f'href="{NEW}"' not in compared, "paper is entered by an administrator"
        offered[who] = (len(re.findall(ends, compared)), len(re.findall(revokes, adopted)))
    assert offered == {PROVINCE: (7, 0), SCHOOL: (0, 7), OTHER_SCHOOL: (0, 0)}


def test_paper_is_entered_by_an_administrator_for_whom_it_may_concern(unchanged: House) -> None:
    for who in (PROVINCE, SCHOOL, OTHER_SCHOOL):
        assert log_in(unchanged, "committee", organisation=who).get(NEW).status_code == 403
    client = log_in(unchanged, "admin")
    page = client.get(NEW, query_string={"course": course_id(unchanged, MATHS[0])}).text
    assert options(page, "body") == {"national", PROVINCE, SCHOOL}


def options(text: str, name: str) -> set[str]:
    found = re.search(rf'<select id="{name}".*?</select>', text, re.DOTALL)
    assert found is not None
    return {value for value in re.findall(r'value="([^"]*)"', found.group(0)) if value}


def test_who_has_no_organisation_reads_and_is_told_why_nothing_can_be_done(unchanged: House) -> None:
    for path in (COMPARISONS, ADOPTIONS):
        answer = without_organisation(unchanged, "committee").get(path)
        assert answer.status_code == 200
        assert "บัญชีที่ใช้อยู่ไม่ได้ระบุหน่วยงาน" in answer.text
        assert 'class="button"' not in plain_main(answer.text)
        refused = without_organisation(unchanged, "committee").get(f"{path}/new")
        assert refused.status_code == 403
        assert (REFUSED in refused.text) == (path == ADOPTIONS)
    assert without_organisation(unchanged, "admin").get(NEW).status_code == 200


def plain_main(text: str) -> str:
    return text.partition("<main")[2].partition("</main>")[0]


def test_a_school_s_committee_adopts_and_revokes_for_its_own_bank(place: Place) -> None:
    house = make_world(place)
    client = log_in(house, "committee", organisation=SCHOOL)
    assert sign(client, choice()).status_code == 303
    made = adoption_register.adoptions(house.runtime)[0]
    assert (made.order_number, made.entered_by) == ("7/2569", "user:u-1")
    assert post(client, f"{ADOPTIONS}/{made.id}/revoke", **REVOKED).status_code == 303
    own = compare(house, course_id(house, MATHS[0]), body=SCHOOL)
    assert post(client, f"{COMPARISONS}/{own}/end", **ENDED).status_code == 303


def test_who_is_both_committee_and_administrator_acts_for_everybody(place: Place) -> None:
    house = make_world(place)
    client = log_in(house, "committee", "admin", organisation=OTHER_SCHOOL)
    assert sign(client, choice()).status_code == 303
