"""Working groups: who may set them up, what cannot be, and terms that begin and end."""

from datetime import date
from typing import Any

import pytest

from creditbank_plugin.errors import Refused
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing import groups
from tests.builders import OTHER_SCHOOL, PROVINCE, SCHOOL, House
from tests.committee import ADMIN, CHAIR, ONE, WRITER, appoint

OFFICER = Actor("user:officer", "เจ้าหน้าที่จังหวัด", PROVINCE)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"body": "nobody"}, "body"),
        ({"name_th": " "}, "name_th"),
        ({"order_number": ""}, "order_number"),
        ({"order_signatory": ""}, "order_signatory"),
        ({"procedure": "lot"}, "procedure"),
        ({"raters": 1}, "raters"),
        ({"raters": 21}, "raters"),
        ({"procedure": "meeting", "quorum": 1}, "quorum"),
        ({"comment_days": -1}, "comment_days"),
        ({"comment_days": 366}, "comment_days"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(house: House, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        appoint(house, **wrong)
    assert (refusal.value.field, refusal.value.status) == (field, 422)
    assert groups.groups(house.runtime) == []


def test_the_committee_above_sets_up_groups_and_nobody_else(house: House) -> None:
    group = appoint(house, body=SCHOOL, by=OFFICER)
    for stranger in (Actor("user:x", "x", OTHER_SCHOOL), Actor("user:y", "y", "")):
        for act in (
            lambda who=stranger: appoint(house, body=SCHOOL, by=who),
            lambda who=stranger: groups.change_group(house.runtime, group, by=who, comment_days=7),
            lambda who=stranger: groups.add_member(
                house.runtime, group, "user:z", name="z", role="chair", since=date(2026, 1, 1), by=who
            ),
        ):
            with pytest.raises(Refused, match="not_yours"):
                act()
    assert groups.may_keep(house.runtime, SCHOOL, OFFICER)
    assert not groups.may_keep(house.runtime, PROVINCE, Actor("user:x", "x", SCHOOL))


def test_a_group_is_changed_by_who_saw_it_as_it_is(house: House) -> None:
    group = appoint(house)
    groups.change_group(house.runtime, group, by=ADMIN, revision=1, comment_days=14)
    assert groups.group(house.runtime, group)[0].comment_days == 14
    with pytest.raises(Refused, match="changed_meanwhile"):
        groups.change_group(house.runtime, group, by=ADMIN, revision=1, comment_days=7)
    for wrong in ({"raters": 0}, {"body_code": "x"}, {"dissolved_on": date(2019, 1, 1)}):
        with pytest.raises(Refused):
            groups.change_group(house.runtime, group, by=ADMIN, **wrong)
    with pytest.raises(Refused, match="not_found"):
        groups.change_group(house.runtime, "nonsense", by=ADMIN, comment_days=7)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"actor": "somebody"}, "actor"),
        ({"actor": "user:"}, "actor"),
        ({"role": "king"}, "role"),
        ({"name": ""}, "name"),
        ({"until": date(2019, 1, 1)}, "until"),
    ],
)
def test_a_term_that_cannot_be_is_refused(house: House, wrong: dict[str, Any], field: str) -> None:
    group = appoint(house)
    values = {"actor": "user:new", "name": "ใหม่", "role": "rater", "since": date(2026, 1, 1), **wrong}
    with pytest.raises(Refused) as refusal:
        groups.add_member(house.runtime, group, by=ADMIN, **values)
    assert refusal.value.field == field


def test_terms_are_entered_once_and_end(house: House) -> None:
    group = appoint(house)
    before = len(groups.group(house.runtime, group)[1])
    for until in (None, date(2021, 1, 1)):
        groups.add_member(
            house.runtime, group, ONE.id, name="ผู้ประเมิน", role="rater", since=date(2020, 1, 1), until=until, by=ADMIN
        )
    members = groups.group(house.runtime, group)[1]
    assert len(members) == before
    assert next(each.until for each in members if each.actor == ONE.id) == date(2021, 1, 1)
    assert groups.groups_of(house.runtime, ONE) == []
    assert [each.id for each in groups.groups_of(house.runtime, CHAIR)] == [group]
    assert groups.is_member(house.runtime, ONE.id), "who once was one may still read what they did"
    assert not groups.is_member(house.runtime, OFFICER.id)


def test_a_dissolved_group_has_nobody_at_work(house: House) -> None:
    group = appoint(house)
    groups.change_group(house.runtime, group, by=ADMIN, dissolved_on=date(2026, 1, 1))
    assert groups.groups_of(house.runtime, WRITER) == []


def test_who_changed_a_group_is_kept(house: House) -> None:
    group = appoint(house)
    groups.change_group(house.runtime, group, by=OFFICER, comment_days=14, raters=2)
    groups.change_group(house.runtime, group, by=OFFICER, comment_days=14)
    term: dict[str, Any] = {"name": "ผู้ประเมินใหม่", "role": "rater", "since": date(2026, 1, 5)}
    groups.add_member(house.runtime, group, "user:new", **term, by=ADMIN)
    groups.add_member(house.runtime, group, "user:new", **term, until=date(2026, 6, 30), by=OFFICER)
    groups.add_member(house.runtime, group, "user:new", **term, until=date(2026, 6, 30), by=OFFICER)
    groups.change_group(house.runtime, group, by=OFFICER, dissolved_on=date(2027, 1, 1))
    kept = [row for row in groups.changes(house.runtime, group) if row.member in (None, "user:new")]
    ended, dissolved = {"until": "2026-06-30"}, {"dissolved_on": "2027-01-01"}
    assert [(row.actor, row.act, row.before, row.after) for row in kept] == [
        (OFFICER.id, "changed", {"dissolved_on": None}, dissolved),
        (OFFICER.id, "appointed", {"until": None}, ended),
        (ADMIN.id, "appointed", None, {**term, "since": "2026-01-05", "until": None}),
        (OFFICER.id, "changed", {"comment_days": 0}, {"comment_days": 14}),
    ], "newest first, only what differs, and nothing for what was said again"
    assert {row.name for row in kept} == {OFFICER.name, ADMIN.name}
    assert groups.changes(house.runtime, "nonsense") == ()


def test_a_name_sits_in_a_group_once_at_a_time(house: House) -> None:
    group = appoint(house)
    term: dict[str, Any] = {"name": "สมาชิกทดลอง", "role": "rater", "by": ADMIN}
    groups.add_member(house.runtime, group, "user:8", **term, since=date(2026, 1, 1), until=date(2026, 6, 30))
    for since, until in ((date(2025, 1, 1), None), (date(2026, 6, 30), date(2026, 7, 1))):
        with pytest.raises(Refused) as refusal:
            groups.add_member(house.runtime, group, "client:abc/8", **term, since=since, until=until)
        assert (refusal.value.field, refusal.value.status) == ("name", 422)
    groups.add_member(house.runtime, group, "client:abc/8", **term, since=date(2026, 7, 1))
    chair = {**term, "role": "chair", "since": date(2026, 2, 1), "until": date(2026, 6, 30)}
    groups.add_member(house.runtime, group, "user:8", **chair)
    groups.add_member(house.runtime, group, "user:9", **{**term, "name": "คนอื่น"}, since=date(2026, 1, 1))
