"""The pages of working groups: entered, changed and dissolved, with their members."""

import pytest

from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing import groups
from tests.builders import PROVINCE, Place, furnish, make_app
from tests.committee import WRITER, Committee, convene
from tests.web.committee_world import enter
from tests.web.test_authority_pages import day
from tests.web.test_learner_pages import plain
from tests.web.world import post

pytestmark = pytest.mark.both_databases


@pytest.fixture
def committee(place: Place) -> Committee:
    return convene(furnish(make_app(place.folder, place.url)))


def test_a_province_enters_a_group_and_appoints_its_members(place: Place) -> None:
    house = furnish(make_app(place.folder, place.url))
    officer = Actor("user:officer", "เจ้าหน้าที่", PROVINCE)
    client = enter(house, officer)
    new = "/creditbank/admin/groups/new"
    sent = {
        "era": "be",
        "body": PROVINCE,
        "order_number": "12/2569",
        "order_signatory": "ผู้ว่าราชการจังหวัด",
        "name_th": "คณะทำงานใหม่",
        "procedure": "raters_and_chair",
        "raters": "๒",
        "quorum": "3",
        "comment_days": "0",
        **day("ordered_on", 5, 1, 2569),
    }
    assert f'<option value="{PROVINCE}" selected>' in client.get(new).text
    assert post(client, new, **{**sent, "raters": "many"}).status_code == 422
    assert post(client, new, **{**sent, "raters": "1"}).status_code == 422
    made = post(client, new, **sent)
    assert made.status_code == 303
    member = {"era": "be", "name": "ผู้ประเมินใหม่", "actor": "user:77", "role": "rater", **day("since", 5, 1, 2569)}
    path = f"{made.headers['Location']}/members"
    assert post(client, path, **{**member, "actor": "77"}).status_code == 422
    assert post(client, path, **member, **day("until", 1, 1, 2568)).status_code == 422
    assert post(client, path, **member).status_code == 303
    assert "ผู้ประเมินใหม่" in client.get(made.headers["Location"]).text
    assert post(client, path, **member, **day("until", 30, 6, 2569)).status_code == 303
    assert post(client, path, **{**member, "actor": "client:abc/8"}).status_code == 422, "the same name twice"
    told = plain(client.get(made.headers["Location"]).text).partition("การเปลี่ยนแปลง ")[2]
    assert told.startswith("เปลี่ยนวาระของ ผู้ประเมินใหม่ เจ้าหน้าที่"), "newest first, and who did it"
    assert "ถึงวันที่: – → 30 มิถุนายน 2569" in told
    assert "แต่งตั้ง ผู้ประเมินใหม่" in told
    assert told.index("แต่งตั้ง") < told.index("เพิ่มคณะทำงาน")
    other = enter(house, officer, organisation="9951000002")
    assert post(other, path, **member).status_code == 403
    assert post(other, new, **sent).status_code == 403


def test_a_group_is_changed_and_dissolved_by_who_saw_it_as_it_is(committee: Committee) -> None:
    house, path = committee.house, f"/creditbank/admin/groups/{committee.group}/change"
    client = enter(house, Actor("user:officer", "เจ้าหน้าที่", PROVINCE))
    assert path in client.get(path.removesuffix("/change")).text
    text = client.get(path).text
    assert 'name="revision" value="1"' in text
    sent = {"era": "be", "revision": "1", "procedure": "meeting", "raters": "2", "quorum": "4", "comment_days": "๗"}
    for wrong in ({"quorum": "1"}, {"procedure": "lot"}, {"raters": "many"}, day("dissolved_on", 1, 1, 2560)):
        assert post(client, path, **{**sent, **wrong}).status_code == 422
    assert post(client, path, **sent).status_code == 303
    row = groups.group(house.runtime, committee.group)[0]
    assert (row.procedure, row.quorum, row.comment_days, row.dissolved_on) == ("meeting", 4, 7, None)
    late = post(client, path, **{**sent, "quorum": "9"})
    assert late.status_code == 409
    assert "มีผู้แก้ไขคณะทำงานนี้ไปก่อนแล้ว" in late.text
    assert 'name="quorum" value="9"' in late.text
    assert 'name="revision" value="2"' in late.text
    assert "องค์ประชุม 4 คน" in plain(late.text)
    ended = {**sent, "revision": "2", **day("dissolved_on", 31, 1, 2569)}
    assert post(client, path, **ended).status_code == 303
    assert groups.groups_of(house.runtime, WRITER) == []
    assert 'name="dissolved_on_y" value="2569"' in client.get(path).text
    assert post(client, path, **{**sent, "revision": "3"}).status_code == 303
    assert len(groups.groups_of(house.runtime, WRITER)) == 1
    other = enter(house, Actor("user:x", "x", None), organisation="9951000002")
    assert other.get(path).status_code == post(other, path, **sent).status_code == 403
    member = enter(house, WRITER, "teacher", organisation=None)
    assert member.get(path).status_code == post(member, path, **sent).status_code == 403
    assert path not in member.get(path.removesuffix("/change")).text
