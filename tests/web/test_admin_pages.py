"""What an administrator sees and does: the state, the inbox, trying again, matching courses."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text as sql

from creditbank_hooks import Course, LearnerErased
from creditbank_plugin.services import events
from creditbank_plugin.services.catalogue import aliases, courses
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.services.views import Event
from creditbank_plugin.storage import upgrade
from creditbank_plugin.storage.session import open_engine, writing
from creditbank_plugin.web.words import texts
from tests.builders import SCHOOL, House, Place, completed, learner, moment
from tests.web.test_learner_pages import plain
from tests.web.world import FAILED, FOREIGN, MATHS, SCIENCE, UNMATCHED, empty_bank, found, log_in, make_world, post

SECRET_NAME, SECRET_ID = "นามสมมติ ทดลอง", "1101700203451"


@pytest.fixture(scope="module")
def house(shared_place: Place) -> Iterator[House]:
    return make_world(shared_place)


def event_of(house: House, **asked: Any) -> Event:
    return events.page(house.runtime, **asked).items[0]


def test_the_state_counts_every_message_and_says_what_it_stands_on(house: House) -> None:
    text = plain(log_in(house, "admin").get("/creditbank/admin/").text)
    assert "ทั้งหมด 11 ข้อความ" in text
    assert "ได้หน่วยกิต 6 ร้อยละ 54.5" in text
    assert "รอดำเนินการ 2 ร้อยละ 18.2" in text
    assert f"ล่าสุดแล้ว ({upgrade.head()})" in text
    assert "รอพิจารณานานที่สุดตั้งแต่ ไม่มีรายการค้าง" in text
    assert "https://moodle.school.example Moodle ของโรงเรียน ใช่" in text
    assert "เปิดข้อมูลได้ครบ" in text


def test_the_state_says_when_something_is_wrong(place: Place) -> None:
    house = empty_bank(place, CREDITBANK_SETTLE="worker")
    house.bank.hear(completed(1))
    with writing(house.runtime.engine) as connection:
        connection.execute(sql("update creditbank_alembic_version set version_num = 'creditbank_0001'"))
    (place.folder / "data" / "keys.json").unlink()
    text = plain(log_in(house, "admin").get("/creditbank/admin/").text)
    assert "ยังไม่ล่าสุด: อยู่ที่ creditbank_0001" in text
    assert "ไม่มีกุญแจหลักที่ใช้เปิดข้อมูลส่วนบุคคล" in text
    assert not (place.folder / "data" / "keys.json").exists()
    assert re.search(r"รอพิจารณานานที่สุดตั้งแต่ \d+ \S+ 25\d\d", text)


def test_tasks_and_reviews_are_listed(place: Place) -> None:
    house = empty_bank(place)
    house.bank.hear(completed(1, score=80))
    house.bank.hear(completed(1, score=60, time=moment(9)))
    house.bank.hear(LearnerErased(learner=learner(1), erased_at=moment(10), source="x"))
    text = plain(log_in(house, "admin").get("/creditbank/admin/").text)
    assert "เว็บเรียนลบผู้เรียน" in text
    assert "1.50 การศึกษาขั้นพื้นฐาน" in text


def test_shares_are_true_and_small_ones_are_still_drawn(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"credited": 1225, "waiting": 11, "withheld": 5, "conflict": 2, "parked": 2, "applied": 1}
    monkeypatch.setattr(events, "counts", lambda runtime: counts)
    page = log_in(house, "admin").get("/creditbank/admin/").text
    assert re.findall(r"<span>(\S*ร้อยละ \S+)</span>", page) == [
        *("ร้อยละ 0.0", "ร้อยละ 98.3", "ร้อยละ 0.9", "ร้อยละ 0.4"),
        *("ร้อยละ 0.2", "ร้อยละ 0.2", "ร้อยละ 0.0", "น้อยกว่าร้อยละ 0.1"),
    ]
    widths = [float(width) for width in re.findall(r'class="bar-part[^>]+width="([\d.]+)"', page)]
    assert widths == [0, 98.3, 1, 1, 1, 1, 0, 1]


@pytest.mark.both_databases
def test_a_credit_under_review_is_named_and_leads_to_the_message_that_put_it_there(place: Place) -> None:
    house = empty_bank(place)
    house.bank.hear(completed(1, score=80))
    house.bank.hear(completed(1, score=60, time=moment(9)))
    lowered = event_of(house)
    assert lowered.explanation[-1]["rule"] == "lowered_result"
    client = log_in(house, "admin")
    for lang, heads, row in (
        ("th", "รายการ รหัสผู้เรียน หน่วยกิต ตรวจสอบตั้งแต่วันที่ ข้อความ", r"ท21101 ภาษาไทย 1 s-1 1\.50 \S+ \d+ \S+ 25\d\d เปิดดู"),
        (
            "en",
            "Record Learner id Credits Under review since Message",
            r"ท21101 Thai 1 s-1 1\.50 [\w ]+ \d+ \w+ 20\d\d Open",
        ),
    ):
        page = client.get(f"/creditbank/admin/?lang={lang}").text.partition('id="reviews"')[2]
        assert heads in plain(page)
        assert re.search(row, plain(page))
        assert str(lowered.record_id) not in page
        assert client.get(found(r'href="([^"]+)"', page)).status_code == 200
        assert lowered.event_id in found(r'href="([^"]+)"', page)


def test_the_inbox_tells_learners_of_one_course_apart_by_the_sender_s_id_alone(place: Place) -> None:
    house = empty_bank(place)
    for number in (1, 2):
        house.bank.hear(completed(learner(number, name=SECRET_NAME, national_id=SECRET_ID)))
    client = log_in(house, "admin")
    for lang, label in (("th", "รหัสผู้เรียน"), ("en", "Learner id")):
        page = client.get(f"/creditbank/admin/inbox?lang={lang}").text
        assert f'<th scope="col">{label}</th>' in page
        assert re.findall(rf'<td data-label="{label}"><span class="code">([^<]+)<', page) == ["s-2", "s-1"]
        assert SECRET_NAME not in page
        assert SECRET_ID not in page


def test_the_inbox_filters_by_state_and_searches(house: House) -> None:
    client = log_in(house, "admin")
    waiting = client.get("/creditbank/admin/inbox?state=waiting").text
    assert UNMATCHED[1] in waiting
    assert MATHS[1] not in waiting
    found_by_code = client.get("/creditbank/admin/inbox", query_string={"q": "ค211"}).text
    assert MATHS[1] in found_by_code
    assert UNMATCHED[1] not in found_by_code
    assert "ไม่พบข้อความตามที่เลือก" in client.get("/creditbank/admin/inbox?q=nothing").text
    assert client.get("/creditbank/admin/inbox?state=nonsense&after=nonsense").status_code == 200


@pytest.mark.both_databases
def test_counts_of_the_whole_inbox_do_not_stand_beside_a_search(house: House) -> None:
    client = log_in(house, "admin")
    assert 'class="count"' in client.get("/creditbank/admin/inbox").text
    assert 'class="count"' not in client.get("/creditbank/admin/inbox", query_string={"q": "ค211"}).text


def test_a_message_names_the_papers_it_was_decided_by(house: House) -> None:
    client = log_in(house, "admin")
    made = event_of(house, search=MATHS[0])
    text = plain(client.get(f"/creditbank/admin/inbox/{made.event_id}").text)
    decision = text[text.index("ผลการพิจารณาปัจจุบัน") :]
    assert f"หน่วยกิต {MATHS[1]} · ใช้ได้ {made.record_id}" in decision
    assert f"ประกาศทดสอบ 1/2563 · ศูนย์จังหวัดลำพูน {made.comparison_id}" in decision
    assert f"คำสั่งรับรองใช้ 1/2563 · ธนาคารหน่วยกิต {SCHOOL} {made.adoption_id}" in decision


def test_a_message_without_a_course_is_called_by_its_kind(place: Place) -> None:
    house = empty_bank(place)
    house.bank.hear(completed(1))
    house.bank.hear(LearnerErased(learner=learner(1), erased_at=moment(10), source="x"))
    text = log_in(house, "admin").get("/creditbank/admin/inbox").text
    assert "ลบผู้เรียน<span" in text
    assert "ข้อความที่ไม่ได้ระบุรายวิชา" not in text


def test_the_inbox_is_paged(place: Place) -> None:
    house = empty_bank(place)
    for number in range(30):
        house.bank.hear(completed(number))
    client = log_in(house, "admin")
    first = client.get("/creditbank/admin/inbox?state=credited").text
    older = found(r'href="([^"]+after=[^"]+)"', first).replace("&amp;", "&")
    second = client.get(older).text
    link = r"/creditbank/admin/inbox/([\w-]{36})"
    assert len(set(re.findall(link, first))) == 25
    assert len(set(re.findall(link, second))) == 5
    assert set(re.findall(link, first)).isdisjoint(re.findall(link, second))


def test_a_message_hides_what_is_personal(place: Place) -> None:
    house = empty_bank(place)
    house.bank.hear(completed(learner(7, name=SECRET_NAME, national_id=SECRET_ID)))
    client = log_in(house, "admin")
    text = client.get(f"/creditbank/admin/inbox/{event_of(house).event_id}").text
    assert SECRET_NAME not in text
    assert SECRET_ID not in text
    assert "เลขประจำตัว ปิดไว้" in plain(text)


def test_every_rule_and_input_of_the_explanations_has_words(house: House) -> None:
    shown = [line for event in events.page(house.runtime, limit=100).items for line in event.explanation]
    assert len(shown) > 20
    rules = {rule for line in shown for rule in line["rule"].split("+") if not re.fullmatch(r"[A-Z]+-\w+", rule)}
    assert {rule for rule in rules if f"rule.{rule}" not in texts()} == set()
    inputs = {key for line in shown for key, value in line["inputs"].items() if value not in (None, "")}
    assert {key for key in inputs if f"input.{key}" not in texts()} == set()


def test_every_fact_of_a_message_has_words(house: House) -> None:
    client = log_in(house, "admin")
    for event in events.page(house.runtime, limit=100).items:
        labels = re.findall("<dt>([^<]+)</dt>", client.get(f"/creditbank/admin/inbox/{event.event_id}").text)
        assert [label for label in labels if re.fullmatch("[a-z_]+", label)] == []


def test_trying_again_says_whether_something_changed(place: Place) -> None:
    house = make_world(place)
    client = log_in(house, "admin")
    stuck = event_of(house, search=FAILED[0])
    path = f"/creditbank/admin/inbox/{stuck.event_id}"
    assert post(client, f"{path}/retry").status_code == 303
    assert "พิจารณาใหม่แล้ว ผลเหมือนเดิม" in client.get(path).text
    assert event_of(house, search=FAILED[0]).reason == "score_below"
    assert post(client, "/creditbank/admin/inbox/01a1fc14-cb52-7c38-a4cb-b3c982779184/retry").status_code == 404


@pytest.mark.both_databases
def test_a_parked_message_shows_its_error_and_can_be_tried_again(place: Place) -> None:
    house = empty_bank(place, CREDITBANK_SETTLE="worker")
    house.bank.hear(completed(1))
    event = event_of(house)
    with writing(house.runtime.engine) as connection:
        connection.execute(
            sql("update creditbank_queue set parked_at = :now, attempts = 5, error = 'OperationalError'"),
            {"now": "2026-03-01 00:00:00"},
        )
    client = log_in(house, "admin")
    path = f"/creditbank/admin/inbox/{event.event_id}"
    assert "ล้มเหลว 5 ครั้ง:" in client.get(path).text
    post(client, f"{path}/retry")
    assert "ส่งกลับเข้าคิวแล้ว" in client.get(path).text
    settle(house.runtime)
    assert event_of(house).state == "credited"


@pytest.mark.both_databases
def test_an_unknown_course_is_matched_and_what_waited_settles(place: Place) -> None:
    house = make_world(place)
    for number in (3, 4):
        house.bank.hear(completed(number, course=Course(code=FOREIGN, iri=FOREIGN)))
    client = log_in(house, "admin")
    page = client.get("/creditbank/admin/aliases").text
    assert page.count(f'class="code">{FOREIGN}<') == 1
    assert '<td class="number" data-label="รออยู่">3</td>' in page
    searched = client.get("/creditbank/admin/aliases", query_string={"name": FOREIGN, "q": "คณิต"}).text
    chosen = found(r'name="course" value="([\w-]+)"', searched)
    answer = post(client, "/creditbank/admin/aliases", name=FOREIGN, q="คณิต", course=chosen)
    assert answer.status_code == 303
    text = plain(client.get("/creditbank/admin/aliases").text)
    assert "จับคู่กับ ค21101 แล้ว พิจารณารายการที่รออยู่ 3 รายการ" in text
    assert "ไม่มีชื่อที่ยังไม่รู้จัก" in text
    assert f"{FOREIGN} ค21101 · 2551 · ส่วนกลาง" in text
    assert event_of(house, search="s-3").state == "credited"
    assert aliases.aliases(house.runtime)[0].added_by == "user:u-1"


def test_a_matched_name_is_changed_only_after_a_second_look(place: Place) -> None:
    house = make_world(place)
    path, client = "/creditbank/admin/aliases", log_in(house, "admin")
    maths, science = (str(courses.courses_with(house.runtime, search=code)[0].id) for code in (MATHS[0], SCIENCE[0]))
    house.bank.hear(completed(3, course=Course(code=FOREIGN, iri=FOREIGN)))
    assert post(client, path, name=FOREIGN, course=maths).status_code == 303
    assert post(client, path, name=FOREIGN, course=maths).status_code == 303
    shown = client.get(path, query_string={"name": FOREIGN}).text
    assert f"ชื่อนี้จับคู่อยู่กับ {MATHS[0]} · 2551 · ส่วนกลาง" in plain(shown)
    assert "ตัดสินการเรียนจบผ่านการจับคู่นี้แล้ว 2 รายการ ได้หน่วยกิต 2 รายการ" in plain(shown)
    asked = post(client, path, name=FOREIGN, course=science, q="วิทยา")
    assert asked.status_code == 409
    assert f"เปลี่ยนเป็น {SCIENCE[0]} วิทยาศาสตร์ 1" in plain(asked.text)
    assert "ผลที่ตัดสินไปแล้วคงเดิม" in asked.text
    assert aliases.aliases(house.runtime)[0].code == MATHS[0]
    seen = found(r'name="replaces" value="([^"]+)"', asked.text)
    unseen = post(client, path, name=FOREIGN, course=science, replaces=f"national/{SCIENCE[0]}/2551")
    assert unseen.status_code == 409
    assert post(client, path, name=FOREIGN, course=science, replaces=seen).status_code == 303
    assert (aliases.aliases(house.runtime)[0].code, event_of(house, search="s-3").state) == (SCIENCE[0], "credited")


@pytest.mark.parametrize("course", ["", "nonsense", "01a1fc14-cb52-7c38-a4cb-b3c982779184"])
def test_matching_needs_a_course_of_ours(house: House, course: str) -> None:
    answer = post(log_in(house, "admin"), "/creditbank/admin/aliases", name=FOREIGN, q="คณิต", course=course)
    assert answer.status_code == 422
    assert "แก้ไข:" in answer.text
    assert not aliases.aliases(house.runtime)


def test_a_search_that_finds_nothing_says_so(house: House) -> None:
    client = log_in(house, "admin")
    text = client.get("/creditbank/admin/aliases", query_string={"name": FOREIGN, "q": "ไม่มีวิชานี้"}).text
    assert "ไม่พบรายวิชาที่ตรงกับคำค้น" in text


def test_a_dead_database_is_said_without_a_trace(house: House, caplog: pytest.LogCaptureFixture) -> None:
    client = log_in(house, "admin")
    engine = house.runtime.engine
    try:
        house.runtime.engine = engine_without_a_database()
        answer = client.get("/creditbank/admin/inbox", query_string={"q": SECRET_ID})
    finally:
        house.runtime.engine = engine
    assert answer.status_code == 503
    assert "ระบบยังไม่พร้อม" in answer.text
    assert "Traceback" not in answer.text
    assert SECRET_ID not in caplog.text


def engine_without_a_database() -> Any:
    """An engine whose database cannot be opened."""
    return open_engine("sqlite:////nowhere/at/all/creditbank.db")


def test_a_code_of_the_catalogue_is_not_offered_for_mapping(place: Place) -> None:
    house = make_world(place)
    told = Course(code=MATHS[0], version="2599", owner="national")
    house.bank.hear(completed(1, course=told, event_id="a version nobody entered"))
    text = log_in(house, "admin").get("/creditbank/admin/aliases?lang=en").text
    (row,) = re.findall(rf'<tr><th scope="row" class="code">{MATHS[0]}</th>.*?</tr>', text, re.S)
    assert "enter that course instead" in row
    assert "href" not in row
