"""Comparisons on the pages, by forms alone: drafted, proposed, rated, signed after its impact was read, and refused."""

import re
from typing import Any

import pytest

from creditbank_hooks import Course, HostUser
from creditbank_plugin.rules import signing
from creditbank_plugin.rules.thai import bangkok_day
from creditbank_plugin.services import events, jobs
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.comparing import approvals, groups, proposal_views, proposals
from tests.builders import PROVINCE, Place, adopt, completed, furnish, item_ids, make_app
from tests.committee import ADMIN, CHAIR, NEW_CODE, ONE, TWO, WRITER, Committee, convene, let_days_pass
from tests.web.committee_world import enter, make_proposals
from tests.web.test_authority_pages import day
from tests.web.test_learner_pages import plain
from tests.web.world import found, log_in, post

pytestmark = pytest.mark.both_databases

AT = "/creditbank/admin/proposals"
RATING = {"design": "met", "measurement": "met", "quality": "met", "level": "2", "advice": "approve"}


@pytest.fixture
def committee(place: Place) -> Committee:
    return convene(furnish(make_app(place.folder, place.url)))


def terms(**more: Any) -> dict[str, Any]:
    """The form of a draft as a browser sends it."""
    return {
        "era": "be",
        "revision": "1",
        "step": "save",
        "scheme": "basic",
        "credits": "๑.๕",
        "credits_rule": "BE-H1",
        "outcomes": item_ids("ท 1.1", "ท 2.1"),
        "hours_theory": "40",
        "hours_practice": "20.5",
        "nqf_level": "2",
        "nqf_level_basis": "comparison",
        "min_score": "50",
        "evidence": "แผนการสอน https://school.example/plan.pdf\n\nข้อสอบกลางภาค",
        **day("applies_from", 1, 1, 2563),
        **more,
    }


def test_the_whole_way_in_thai(committee: Committee) -> None:
    house = committee.house
    adopt(house, None, body=PROVINCE)
    for number, score in ((1, 80), (2, 30)):
        house.bank.hear(completed(number, course=Course(code=NEW_CODE), score=score))
    writer = enter(house, WRITER, "teacher", organisation=None)
    assert writer.get("/creditbank/").headers["Location"] == AT, "a member finds the way whatever their role is"
    searched = writer.get(f"{AT}/new", query_string={"q": NEW_CODE}).text
    begun = post(writer, f"{AT}/new", course=found(r'name="course" value="([\w-]+)"', searched), group=committee.group)
    form = begun.headers["Location"]
    text = writer.get(form).text
    assert 'name="credits" value="1.50"' in text
    assert "ผลลัพธ์ที่ระบบแนะนำ พร้อมเหตุผล" in text
    assert post(writer, form, **terms(step="propose")).status_code == 303
    one = form.removesuffix("/edit")
    assert "เสนอต่อคณะทำงานแล้ว" in writer.get(one).text
    for who in (ONE, TWO):
        rater = enter(house, who)
        assert "รอผลประเมินของท่าน" in rater.get(AT).text
        assert 'id="rate"' in rater.get(one).text
        sent = post(rater, f"{one}/rate", **{**RATING, "design": "partly" if who is TWO else "met"}, note_design="ดี")
        assert sent.status_code == 303
    chair = enter(house, CHAIR)
    assert "ผู้ประเมินเห็นต่างกันเรื่อง: การออกแบบและกำหนดระดับ" in plain(chair.get(one).text)
    paper = plain(chair.get(f"{one}/sign").text)
    assert "ถ้าลงนามวันนี้ จะเกิดอะไรกับผู้เรียน" in paper
    assert "ผู้เรียน (คน) 2 ผลการเรียนจบที่รอ (รายการ) 2 จะได้หน่วยกิต (รายการ) 1 จะไม่ได้หน่วยกิต (รายการ) 1" in paper
    read = chair.get(f"{one}/sign", query_string={"reference": "ประกาศ 9/2569"}).text
    assert "อ้างอิงประกาศ: ประกาศ 9/2569" in read
    hidden = {name: found(rf'name="{name}" value="([^"]*)"', read) for name in ("revision", "digest")}
    assert post(chair, f"{one}/sign", reference="ประกาศ 9/2569", **hidden).status_code == 303
    shown = plain(chair.get(one).text)
    assert "อนุมัติแล้วตาม ประกาศ 9/2569" in shown
    assert "ข้าพเจ้า ประธานทดลอง ในฐานะผู้ลงนามของคณะทำงานเปรียบเทียบรายวิชา" in shown
    states = sorted(each.reason for each in events.page(house.runtime, search=NEW_CODE).items)
    assert states == ["credited", "score_below"]
    learner = log_in(house, "student", learner="s-1").get("/creditbank/").text
    assert "1.50" in learner
    view = proposal_views.get(house.runtime, one.rpartition("/")[2], by=None)
    assert dict(view.terms.hours) == {"theory": 4000, "practice": 2050}
    assert view.terms.evidence[0] == {"title": "แผนการสอน", "url": "https://school.example/plan.pdf"}
    assert view.terms.evidence[1]["title"] == "ข้อสอบกลางภาค"


@pytest.fixture(scope="module")
def shared(shared_place: Place) -> tuple[Committee, dict[str, str]]:
    """Proposals in every state, for the tests that change nothing."""
    return make_proposals(furnish(make_app(shared_place.folder, shared_place.url)))


def test_a_rating_is_nowhere_on_the_page_of_who_is_still_to_rate(shared: Any) -> None:
    committee, made = shared
    text = enter(committee.house, TWO).get(f"{AT}/{made['half']}").text
    assert "ผลประเมินของผู้อื่นในรอบนี้ยังไม่เปิดให้ท่านเห็น" in text
    assert "<caption>" not in text.partition('id="judgement"')[2].partition("</section>")[0]
    assert "<caption>" in enter(committee.house, CHAIR).get(f"{AT}/{made['half']}").text.partition('id="judgement"')[2]


def test_what_a_reader_may_not_do_is_not_offered(shared: Any) -> None:
    committee, made = shared
    offered = {
        name: set(
            re.findall(rf'action="{AT}/[\w-]+/([\w-]+)"', enter(committee.house, who).get(f"{AT}/{made[at]}").text)
        )
        for name, who, at in (
            ("writer", WRITER, "ready"),
            ("rater", TWO, "half"),
            ("chair", CHAIR, "ready"),
            ("draft", WRITER, "draft"),
            ("law", CHAIR, "law"),
            ("read", Actor("user:x", "เจ้าหน้าที่", PROVINCE), "half"),
        )
    }
    assert offered == {
        "writer": {"take-back"},
        "rater": {"rate"},
        "chair": {"return", "reject"},
        "draft": {"propose", "take-back"},
        "law": {"withdraw"},
        "read": set(),
    }


def test_others_see_law_and_nothing_else(shared: Any) -> None:
    committee, made = shared
    client = enter(committee.house, Actor("user:x", "x", None), organisation="9951000002")
    assert client.get(f"{AT}/{made['half']}").status_code == 404
    assert client.get(f"{AT}/{made['law']}").status_code == 200
    listed = client.get(AT).text
    assert made["half"] not in listed
    assert made["law"] in listed


@pytest.mark.parametrize(
    ("act", "who", "at", "status"),
    [
        ("sign", WRITER, "ready", 403),
        ("sign", ONE, "ready", 403),
        ("rate", WRITER, "half", 403),
        ("rate", ONE, "half", 409),
        ("return", TWO, "ready", 403),
        ("reject", WRITER, "ready", 403),
        ("propose", WRITER, "ready", 409),
        ("take-back", ONE, "half", 403),
        ("withdraw", ONE, "law", 403),
        ("judge", WRITER, "proposed", 403),
        ("edit", WRITER, "ready", 409),
    ],
)
def test_forms_made_by_hand_are_refused(shared: Any, act: str, who: Actor, at: str, status: int) -> None:
    committee, made = shared
    sent: dict[str, Any] = {**RATING, "reason": "x", "reference": "x", "credits": "leave", "era": "be"}
    before = proposal_views.get(committee.house.runtime, made[at], by=ADMIN).row.revision
    answer = post(enter(committee.house, who), f"{AT}/{made[at]}/{act}", **sent, **day("ended_from", 1, 1, 2569))
    assert answer.status_code == status
    assert proposal_views.get(committee.house.runtime, made[at], by=ADMIN).row.revision == before


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"credits": "1.234"}, "credits"),
        ({"scheme": "gold", "credits_rule": ""}, "scheme"),
        ({"hours_theory": "มาก"}, "hours_theory"),
        ({"nqf_level_basis": ""}, "nqf_level_basis"),
        ({"credits_rule": "BE-H1", "credits": "2"}, "credits_rule"),
        ({"min_score": "101"}, "min_score"),
        (day("applies_until", 1, 1, 2560), "applies_until"),
        ({"evidence": "ก" * 501}, "evidence"),
    ],
)
def test_what_is_wrong_with_a_draft_is_said_at_its_field(shared: Any, wrong: dict[str, Any], field: str) -> None:
    committee, made = shared
    answer = post(enter(committee.house, WRITER), f"{AT}/{made['draft']}/edit", **terms(**wrong))
    assert answer.status_code == 422
    assert re.findall(r'<p class="wrong" id="(\w+)-wrong">', answer.text) == [field]


def test_a_draft_is_saved_unfinished_and_not_proposed_so(committee: Committee) -> None:
    made = committee.draft()
    client = enter(committee.house, WRITER)
    path = f"{AT}/{made}/edit"
    empty = {"applies_from_d": "", "applies_from_m": "", "applies_from_y": ""}
    assert post(client, path, **terms(scheme="", credits="", credits_rule="", outcomes=[], **empty)).status_code == 303
    refused = post(client, path, **terms(revision="2", step="propose", **empty))
    assert refused.status_code == 422
    assert "ต้องระบุวันที่เริ่มใช้" in refused.text
    assert proposal_views.get(committee.house.runtime, made, by=WRITER).row.state == "draft"


def test_who_was_slower_sees_who_was_quicker_and_loses_nothing_typed(committee: Committee) -> None:
    made = committee.draft()
    proposals.edit(committee.house.runtime, made, {"credits": 100}, by=ONE, revision=1)
    answer = post(enter(committee.house, WRITER), f"{AT}/{made}/edit", **terms(credits="1.25", credits_rule=""))
    assert answer.status_code == 409
    assert f"{ONE.name} แก้ไขข้อเสนอนี้ไปก่อนแล้ว" in answer.text
    assert 'name="credits" value="1.25"' in answer.text
    assert proposal_views.get(committee.house.runtime, made, by=WRITER).terms.credits == 100


def test_outcomes_are_found_without_losing_what_was_typed(shared: Any) -> None:
    committee, made = shared
    sent = terms(step="find", find="ท 3.1", credits="9", outcomes=item_ids("ท 1.1"))
    answer = post(enter(committee.house, WRITER), f"{AT}/{made['draft']}/edit", **sent)
    assert answer.status_code == 200
    assert re.search(rf'name="outcomes" value="{item_ids("ท 3.1")[0]}">', answer.text)
    assert 'name="credits" value="9"' in answer.text


def test_a_text_that_changed_since_it_was_read_is_not_signed(committee: Committee) -> None:
    made = committee.rated()
    chair = enter(committee.house, CHAIR)
    answer = post(chair, f"{AT}/{made}/sign", reference="ประกาศ 9/2569", digest="another")
    assert answer.status_code == 409
    assert "ข้อความที่จะลงนามเปลี่ยนไปจากที่อ่าน" in answer.text
    assert proposal_views.get(committee.house.runtime, made, by=CHAIR).row.state == "under_judgement"


def test_a_large_impact_is_waited_for_before_anybody_signs(
    committee: Committee, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, made = committee.house, committee.rated(conditions={"required": ["score"], "min_score": 50})
    adopt(house, None, body=PROVINCE)
    house.bank.hear(completed(1, course=Course(code=NEW_CODE)))
    chair, path = enter(house, CHAIR), f"{AT}/{made}/sign"
    query = {"reference": "ประกาศ 9/2569"}
    monkeypatch.setattr("creditbank_plugin.services.forecasting.forecast.AT_ONCE", 0)
    monkeypatch.setattr("creditbank_plugin.services.jobs.begin_here", lambda *_: None)
    for _ in range(2):  # the same question again, at another moment: the same job
        text = chair.get(path, query_string=query).text
        assert "กำลังคำนวณ ลงนามได้เมื่อเห็นผลแล้ว" in text
        assert 'name="reference" value="ประกาศ 9/2569"' in text
        assert 'name="digest"' not in text
    digest = signing.digest(approvals.text_to_sign(house.runtime, made, by=CHAIR, reference="ประกาศ 9/2569"))
    hidden = {"revision": str(proposal_views.get(house.runtime, made, by=CHAIR).row.revision), "digest": digest}
    unseen = post(chair, path, **query, **hidden)
    assert unseen.status_code == 409
    assert "กำลังคำนวณ ลงนามได้เมื่อเห็นผลแล้ว" in unseen.text
    assert jobs.run_next(house.runtime)
    assert not jobs.run_next(house.runtime)
    text = chair.get(path, query_string=query).text
    assert "จะได้หน่วยกิต (รายการ) 1" in plain(text)
    assert f'name="digest" value="{digest}"' in text
    assert post(chair, path, **query, **hidden).status_code == 303


def test_what_cannot_be_signed_says_so_before_anybody_tries(committee: Committee) -> None:
    house = committee.house
    adopt(house, None, body=PROVINCE)
    committee.approved()
    house.bank.hear(completed(1, course=Course(code=NEW_CODE)))
    made = committee.rated()
    text = enter(house, CHAIR).get(f"{AT}/{made}/sign", query_string={"reference": "ประกาศ 9/2569"}).text
    assert "ยังลงนามไม่ได้:" in text
    assert "ผู้เรียน 1 คน 1 รายการ" in text
    assert 'name="digest"' not in text


def test_it_is_sent_back_rejected_and_withdrawn_with_reasons(committee: Committee) -> None:
    house = committee.house
    made = committee.rated()
    chair = enter(house, CHAIR)
    assert post(chair, f"{AT}/{made}/return", reason=" ").status_code == 422
    assert post(chair, f"{AT}/{made}/return", reason="ขอให้ระบุชั่วโมง").status_code == 303
    assert "ขอให้ระบุชั่วโมง" in enter(house, WRITER).get(f"{AT}/{made}/edit").text
    committee.rated(made)
    committee.approve(made)
    chair = enter(house, CHAIR)
    ended = {"era": "be", "credits": "leave", "reason": "หลักสูตรเปลี่ยน"}
    assert post(chair, f"{AT}/{made}/withdraw", **ended).status_code == 422
    assert post(chair, f"{AT}/{made}/withdraw", **ended, **day("ended_from", 1, 6, 2569)).status_code == 303
    shown = plain(chair.get(f"{AT}/{made}").text)
    assert "ยุติกับการเรียนจบตั้งแต่ 1 มิถุนายน 2569" in shown
    other = committee.rated()
    assert post(enter(house, CHAIR), f"{AT}/{other}/reject", reason="ไม่ตรงกับมาตรฐาน").status_code == 303
    mine = committee.propose()
    assert post(enter(house, WRITER), f"{AT}/{mine}/take-back").status_code == 303


def test_a_meeting_decides_on_the_pages(place: Place) -> None:
    house = furnish(make_app(place.folder, place.url))
    committee = convene(house, procedure="meeting", quorum=3)
    made = committee.propose()
    group = f"/creditbank/admin/groups/{committee.group}"
    writer = enter(house, WRITER, "teacher", organisation=None)
    today = bangkok_day(house.runtime.clock())
    held = {"era": "be", **day("held_on", today.day, today.month, today.year + 543), "minutes": "รายงาน 3/2569"}
    assert post(writer, f"{group}/meetings", **{**held, "minutes": ""}).status_code == 422
    assert post(writer, f"{group}/meetings", **held, present=["user:one", "user:nobody"]).status_code == 422
    assert post(writer, f"{group}/meetings", **held, present=[who.id for who in (ONE, TWO, CHAIR)]).status_code == 303
    meeting = groups.group(house.runtime, committee.group)[2][0].id
    chair = enter(house, CHAIR)
    query = {"reference": "ประกาศ 9/2569", "meeting": meeting, "resolution": "เห็นชอบ"}
    read = chair.get(f"{AT}/{made}/sign", query_string=query).text
    assert "มติที่ประชุม: เห็นชอบ" in read
    hidden = {name: found(rf'name="{name}" value="([^"]*)"', read) for name in ("revision", "digest")}
    assert post(chair, f"{AT}/{made}/sign", **query, **hidden).status_code == 303


def test_the_public_reads_and_comments(place: Place) -> None:
    house = furnish(make_app(place.folder, place.url))
    committee = convene(house, comment_days=14)
    made = committee.propose()
    house.user.now = None
    client = house.app.test_client()
    assert made in client.get("/creditbank/comparisons").text
    text = client.get(f"/creditbank/comparisons/{made}").text
    assert "1.50" in text
    assert WRITER.name not in text, "who wrote it is the committee's business"
    assert "<form" not in text
    student = log_in(house, "student", learner="s-1")
    path = f"/creditbank/comparisons/{made}"
    assert post(student, path, text=" ").status_code == 422
    assert post(student, path, text="ควรเพิ่มชั่วโมงปฏิบัติ <b>").status_code == 303
    assert "ควรเพิ่มชั่วโมงปฏิบัติ &lt;b&gt;" in student.get(path).text
    house.user.now = HostUser(id="1100000000008", roles=frozenset(("student",)), organisation=None)
    assert post(student, path, text="ไม่มีชื่อ").status_code == 303
    assert "1100000000008" not in student.get(path).text
    let_days_pass(house, 15)
    assert student.get(path).status_code == 404
    assert post(student, path, text="สาย").status_code == 409


def test_figures_say_how_few_they_are(shared: Any) -> None:
    committee, _ = shared
    text = plain(enter(committee.house, WRITER).get("/creditbank/admin/agreement").text)
    assert "1 จาก 1 คู่ (1 รอบ)" in text
    assert "จำนวนน้อย อ่านด้วยความระมัดระวัง" in text
    assert "ประธานตัดสิน 2 รอบ" in text or "ประธานตัดสิน 1 รอบ" in text


def test_a_rating_of_a_round_that_is_over_is_not_one_of_the_next(committee: Committee) -> None:
    house, made = committee.house, committee.propose()
    form = enter(house, ONE).get(f"{AT}/{made}").text
    read = found(r'name="round" value="(\d+)"', form)
    approvals.send_back(house.runtime, made, by=CHAIR, reason="ขอให้แก้หน่วยกิต")
    proposals.edit(house.runtime, made, {"credits": 100}, by=WRITER, revision=None)
    committee.propose(made)
    late = post(enter(house, ONE), f"{AT}/{made}/rate", **RATING, round=read)
    assert late.status_code == 409
    assert proposal_views.get(house.runtime, made, by=CHAIR).rated == 0
    assert post(enter(house, ONE), f"{AT}/{made}/rate", **RATING, round="2").status_code == 303


def test_what_has_become_otherwise_meanwhile_is_said_at_the_form(committee: Committee) -> None:
    groups.change_group(
        committee.house.runtime, committee.group, by=ADMIN, dissolved_on=bangkok_day(committee.house.runtime.clock())
    )
    answer = post(enter(committee.house, WRITER), f"{AT}/new", course=committee.course, group=committee.group)
    assert answer.status_code == 409
    assert "คณะทำงานนี้สิ้นสุดแล้ว" in answer.text
    assert 'name="q"' in answer.text
