"""Credit under review on the pages: the officer who may sees why, decides with a reason; nobody else sees it."""

from datetime import date
from typing import Any

import pytest

from creditbank_plugin.services import accounts, jobs
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.comparing import approvals, review_list
from creditbank_plugin.services.settling.settle import settle
from tests.builders import ISSUER, OTHER_SCHOOL, PROVINCE, House, Place, completed, furnish, make_app
from tests.web.test_learner_pages import plain
from tests.web.world import log_in, post

pytestmark = pytest.mark.both_databases

AT = "/creditbank/admin/reviews"
ADMIN = administrator("test")


@pytest.fixture
def house(place: Place) -> House:
    made = furnish(make_app(place.folder, place.url, CREDITBANK_SETTLE="worker"))
    for number in (1, 2):
        made.bank.hear(completed(number, event_id=f"e{number}"))
    settle(made.runtime)
    told: dict[str, Any] = {"ended_from": date(2026, 6, 1), "reason": "หลักสูตรเปลี่ยน", "credits": "review"}
    approvals.withdraw(made.runtime, made.ids["comparison"], by=ADMIN, **told)
    assert jobs.run_next(made.runtime)
    return made


def state_of(house: House, who: int) -> str:
    (found,) = accounts.find_learners(house.runtime, ISSUER, f"s-{who}")
    (record,) = accounts.credits(house.runtime, found.id).items
    return record.state


def test_it_is_listed_with_the_reason_and_decided_one_by_one(house: House) -> None:
    one, two = (each.record_id for each in review_list.page(house.runtime, by=ADMIN).items)
    client = log_in(house, "director")
    listed = plain(client.get(AT).text)
    assert "ถูกเพิกถอน ใช้กับการเรียนจบตั้งแต่ 1 มิถุนายน 2569" in listed
    assert "เหตุผลที่เพิกถอน: หลักสูตรเปลี่ยน" in listed
    shown = plain(client.get(f"{AT}/{one}").text)
    assert "คะแนน 80" in shown
    assert "ผลการเทียบรายวิชานี้ถูกถอน" in shown
    for wrong in ({}, {"decision": "uphold"}, {"decision": "keep", "reason": "x"}, {"reason": "x"}):
        assert post(client, f"{AT}/{one}", **wrong).status_code == 422
    assert state_of(house, 1) == "under_review"
    answer = post(client, f"{AT}/{one}", decision="uphold", reason="ผลลัพธ์ถูกต้อง")
    assert answer.status_code == 303
    assert "บันทึกแล้ว ให้คงหน่วยกิตไว้ตามเดิม" in client.get(answer.headers["Location"]).text
    officer = log_in(house, "committee", organisation=PROVINCE)
    assert post(officer, f"{AT}/{two}", decision="revoke", reason="ผลลัพธ์ไม่ตรง").status_code == 303
    assert (state_of(house, 1), state_of(house, 2)) == ("available", "revoked")
    assert "ไม่มีหน่วยกิตที่รอท่านพิจารณา" in officer.get(AT).text
    assert post(officer, f"{AT}/{two}", decision="uphold", reason="x").status_code == 404
    record = log_in(house, "student", learner="s-2").get(f"/creditbank/records/{two}").text
    assert "ผลลัพธ์ไม่ตรง" in record


def test_nobody_else_sees_or_decides_it(house: House) -> None:
    one = review_list.page(house.runtime, by=ADMIN).items[0].record_id
    for role in ("director", "committee"):
        stranger = log_in(house, role, organisation=OTHER_SCHOOL)
        assert one not in stranger.get(AT).text
        assert stranger.get(f"{AT}/{one}").status_code == 404
        assert post(stranger, f"{AT}/{one}", decision="revoke", reason="x").status_code == 404
    for role in ("teacher", "registrar", "student"):
        outside = log_in(house, role, learner="s-1" if role == "student" else None)
        assert outside.get(AT).status_code == 403
        assert post(outside, f"{AT}/{one}", decision="revoke", reason="x").status_code == 403
    assert state_of(house, 1) == "under_review"


def test_who_was_slower_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    found = review_list.page(house.runtime, by=ADMIN).items[0]
    client = log_in(house, "director")
    assert post(client, f"{AT}/{found.record_id}", decision="uphold", reason="x").status_code == 303
    monkeypatch.setattr(review_list, "get", lambda *_, **__: found)
    late = post(client, f"{AT}/{found.record_id}", decision="revoke", reason="x")
    assert "มีผู้พิจารณารายการนี้ไปก่อนแล้ว" in client.get(late.headers["Location"]).text
    assert state_of(house, 1) == "available"
