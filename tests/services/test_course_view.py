"""One course: what it counts for and where, what it was before, and edits that never overwrite one another."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from creditbank_plugin.errors import Refused
from creditbank_plugin.services.actor import Actor, administrator
from creditbank_plugin.services.catalogue import course_view, courses
from creditbank_plugin.services.comparing import comparisons
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.queries.writes import insert_all
from creditbank_plugin.storage.session import writing
from tests.builders import BANK, CODE, OTHER_BANK, OTHER_SCHOOL, PROVINCE, SCHOOL, House, adopt, beside, compare, moment
from tests.services.test_course_pages import WELD

ADMIN = administrator("test")
NATIONAL = ("national", CODE, "2551")


def view(house: House, key: tuple[str, str, str] = WELD.key, **more: Any) -> course_view.CourseView:
    return course_view.view(house.runtime, key, **more)


def test_a_course_says_what_it_counts_for_and_at_which_banks(house: House) -> None:
    shown = view(house, NATIONAL)
    assert (shown.owner.th, shown.revision, shown.versions) == ("ส่วนกลาง", 1, ["2551"])
    [finding] = shown.counts.in_force
    assert (finding.comparison.credits, finding.comparison.scheme, finding.body.th) == (150, "basic", "ศูนย์จังหวัดลำพูน")
    assert [each.code for each in finding.outcomes] == ["ท 1.1", "ท 2.1"]
    [bank] = finding.banks
    assert (bank.bank, bank.order_number, bank.standing) == (BANK, "1/2563", False)
    adopt(house, None, body=PROVINCE, bank=OTHER_BANK, order_number="7/2569")
    [own, other] = view(house, NATIONAL).counts.in_force[0].banks
    assert (own.bank, other.bank, other.standing) == (BANK, OTHER_BANK, True)
    assert view(house, NATIONAL, organisation=OTHER_SCHOOL).counts.in_force[0].banks[0].bank == OTHER_BANK


def test_only_what_settling_would_use_counts(house: House) -> None:
    """A bank whose orders disagree, or whose order is revoked or for another group, is not named."""
    [made] = courses.put_courses(house.runtime, [WELD], by=ADMIN)
    assert view(house).counts.findings == []
    one = compare(house, made.course_id, 200)
    with beside():
        two = compare(house, made.course_id, 300)
    adopt(house, one)
    [with_bank] = [each for each in view(house).counts.in_force if each.banks]
    assert with_bank.comparison.id == one
    adopt(house, two)
    assert [each.banks for each in view(house).counts.in_force] == [[], []]
    adopt(house, None, body=PROVINCE, bank=OTHER_BANK, level_group="diploma")
    assert [each.banks for each in view(house).counts.in_force] == [[], []]
    comparisons.end_comparison(house.runtime, one, ended_from=date(2020, 6, 1))
    counts = view(house).counts
    assert [each.comparison.id for each in counts.in_force] == [two]
    assert [(each.comparison.id, each.ended_as) for each in counts.findings if not each.in_force] == [
        (one, "withdrawn")
    ]
    assert [each.bank for each in counts.in_force[0].banks] == [BANK]
    with beside():
        later = compare(house, made.course_id, 100, applies_from=date(2100, 1, 1))
    assert [each.comparison.id for each in view(house).counts.upcoming] == [later]


def test_two_people_never_overwrite_each_other(house: House) -> None:
    teacher, officer = Actor("user:1", "ครู", SCHOOL), Actor("user:2", "จังหวัด", PROVINCE)
    made = course_view.edit(house.runtime, WELD, revision=None, by=teacher)
    assert (made.state, made.revision) == ("new", 1)
    first = course_view.edit(house.runtime, replace(WELD, title_en="Welding"), revision=1, by=officer)
    assert (first.state, first.revision) == ("changed", 2)
    with pytest.raises(Refused) as refusal:
        course_view.edit(house.runtime, replace(WELD, title_th="อื่น"), revision=1, by=teacher)
    assert (refusal.value.code, refusal.value.status) == ("changed_meanwhile", 409)
    assert view(house).values.title_th == WELD.title_th
    with pytest.raises(Refused) as again:
        course_view.edit(house.runtime, WELD, revision=None, by=teacher)
    assert (again.value.code, again.value.status) == ("already_there", 409)
    history = view(house).revisions
    assert [(each.number, each.by, each.changed) for each in history] == [(2, "user:2", ("title_en",)), (1, None, ())]
    assert history[1].values == WELD


@pytest.mark.parametrize("revision", [None, 1])
def test_nobody_edits_anothers_course(house: House, revision: int | None) -> None:
    course_view.edit(house.runtime, WELD, revision=None, by=ADMIN)
    stranger = Actor("user:9", "ครู", OTHER_SCHOOL)
    with pytest.raises(Refused) as refusal:
        course_view.edit(house.runtime, replace(WELD, title_th="อื่น"), revision=revision, by=stranger)
    assert (refusal.value.code, refusal.value.status) == ("not_yours", 403)
    assert view(house).values == WELD


def test_what_is_not_there_is_not_found(house: House) -> None:
    for act in (lambda: view(house), lambda: course_view.edit(house.runtime, WELD, revision=3, by=ADMIN)):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.status == 404
    assert course_view.by_id(house.runtime, house.ids["course"]) == NATIONAL
    with pytest.raises(Refused):
        course_view.by_id(house.runtime, new_id())


def test_an_approved_comparison_says_which_revision_it_rests_on(house: House) -> None:
    [made] = courses.put_courses(house.runtime, [WELD], by=ADMIN)
    row = {
        "id": new_id(),
        "course_id": made.course_id,
        "body_code": PROVINCE,
        "scheme": "vocational",
        "credits": 200,
        "conditions": {},
        "reference": "ประกาศ 2/2569",
        "approved_at": moment(),
        "applies_from": date(2020, 1, 1),
        "course_revision": 1,
    }
    with writing(house.runtime.engine) as connection:
        insert_all(connection, tables.Comparison, [row])
    course_view.edit(house.runtime, replace(WELD, hours=5400), revision=1, by=ADMIN)
    shown = view(house)
    [judged] = shown.counts.judged
    assert (judged.course_revision, shown.revision) == (1, 2)
    judged_values = next(each.values for each in shown.revisions if each.number == judged.course_revision)
    assert judged_values.hours is None
