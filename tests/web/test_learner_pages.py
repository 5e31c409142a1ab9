"""What a learner sees: credits per scheme, why that many, why none, in two languages."""

import re
from collections.abc import Iterator

import pytest

from creditbank_hooks import Course
from creditbank_plugin.services import accounts
from tests.builders import House, Place, completed
from tests.web.world import FAILED, FOREIGN, UNMATCHED, empty_bank, found, log_in, make_world, post


@pytest.fixture(scope="module")
def house(shared_place: Place) -> Iterator[House]:
    return make_world(shared_place)


def plain(html: str) -> str:
    """The words of a page."""
    return " ".join(re.sub("<[^>]+>", " ", html).split())


def record_of(house: House, code: str, lang: str = "th") -> str:
    """The page of the learner's record of a course."""
    client = log_in(house, "student", learner="s-1")
    home = client.get("/creditbank/").text
    for path in re.findall(r'"(/creditbank/records/[\w-]+)"', home):
        text = client.get(f"{path}?lang={lang}").text
        if f">{'รหัส' if lang == 'th' else 'Code'} {code}" in text:
            return text
    raise AssertionError(code)


def test_each_scheme_has_its_own_sums_and_they_are_never_added(house: House) -> None:
    text = log_in(house, "student", learner="s-1").get("/creditbank/").text
    basic, vocational = (found(rf'(?s)aria-labelledby="scheme-{name}"(.*?)</section>', text) for name in SCHEMES)
    assert "<dt>ใช้ได้</dt><dd>4.50</dd>" in basic
    assert "<dt>กันไว้</dt><dd>0.00</dd>" in basic
    assert "<dt>ใช้ได้</dt><dd>2.00</dd>" in vocational
    assert "6.50" not in text


SCHEMES = ("basic", "vocational")


def test_the_picture_says_in_words_what_it_shows(house: House) -> None:
    text = log_in(house, "student", learner="s-1").get("/creditbank/").text
    ring = found(r"(?s)(<svg class=\"ring\".*?</svg>)", text)
    assert 'role="img"' in ring
    assert '<title id="ring-basic">วงแหวนหน่วยกิต: ใช้ได้ 4.50 หน่วยกิต' in ring
    rows = found(r'(?s)<ul class="parts">(.*?)</ul>', text)
    areas = re.findall(r'part-label">([^<]+)</span>\s*<span class="part-amount">([\d.]+)', rows)
    assert areas == [("ภาษาไทย", "1.50"), ("คณิตศาสตร์", "1.50"), ("วิทยาศาสตร์", "1.00"), ("ภาษาต่างประเทศ", "0.50")]
    assert rows.count("<rect") == 9


def test_completions_without_credit_say_why_and_who_can_help(house: House) -> None:
    text = plain(log_in(house, "student", learner="s-1").get("/creditbank/").text.split('id="pending"')[1])
    failed = text[text.index(FAILED[1]) :]
    assert failed.startswith(f"{FAILED[1]} ไม่ได้หน่วยกิต คะแนนต่ำกว่าเกณฑ์ คะแนน 42 คะแนน ไม่ถึงเกณฑ์ 50 คะแนน")
    assert "คะแนนที่ได้ 42 เกณฑ์ขั้นต่ำ 50 ผู้ที่ช่วยได้: ครูหรือนายทะเบียนของสถานศึกษา" in failed
    assert f"{UNMATCHED[1]} รออยู่ รอ: รายวิชานี้ยังไม่มีผลการเทียบรายวิชาที่อนุมัติ" in text
    assert FOREIGN in text
    assert "ผู้ดูแลระบบของแพลตฟอร์ม" in text


def test_one_event_explains_itself(house: House) -> None:
    client = log_in(house, "student", learner="s-1")
    path = found(r'"(/creditbank/events/[\w-]+)">สังคมศึกษา', client.get("/creditbank/").text)
    text = plain(client.get(path).text)
    assert "คะแนน 42 คะแนน ไม่ถึงเกณฑ์ 50 คะแนน ตามเอกสารที่อนุมัติ" in text
    assert "กฎ คะแนนขั้นต่ำ แหล่งที่มา ผลการเทียบรายวิชาที่อนุมัติ" in text
    assert "ผล คะแนนต่ำกว่าเกณฑ์" in text
    assert "เรียนจบเมื่อ 1 มีนาคม 2569 10:00 น." in text


def test_a_record_shows_its_why_its_authority_and_its_evidence(house: House) -> None:
    text = plain(record_of(house, "ค21101"))
    assert "BE-H1: 40 ชั่วโมง = 1 หน่วยกิต" in text
    assert "มีประกาศทางการ" in text
    assert "ศูนย์จังหวัดลำพูน" in text
    assert "ประกาศทดสอบ 1/2563" in text
    assert "เลขที่คำสั่ง 1/2563 ผู้ลงนาม ผู้อำนวยการสถานศึกษา วันที่ของคำสั่ง 2 มกราคม 2563" in text
    assert "ระดับ 1 จาก 8 กำหนดโดยผลการเทียบรายวิชา" in text
    assert "วันที่เรียนจบ 2 มีนาคม 2569 คะแนน 80" in text
    assert "ฝากเข้า 1.50 หน่วยกิต เป็น “ใช้ได้”" in text
    assert "ใช้กระบวนการอ่านสร้างความรู้" in text


def test_a_rule_that_is_not_confirmed_says_so(house: House) -> None:
    text = plain(record_of(house, "20000-1101"))
    assert "ยังไม่ได้ยืนยัน" in text
    assert "VE-H1: ทฤษฎี 18 ชม." in text


def test_an_upper_bound_is_said_in_words_and_a_missing_level_too(house: House) -> None:
    text = plain(record_of(house, "ท21101"))
    assert "ไม่เกินวันที่ 1 มีนาคม 2569" in text
    assert "ยังไม่ได้กำหนดระดับ" in text


def test_a_credit_that_was_taken_back_counts_nothing_and_shows_its_history(house: House) -> None:
    text = record_of(house, "ศ21101")
    assert '<p class="hero-credits"><strong>0.00</strong>' in text
    assert "ยกเลิก 0.50 หน่วยกิต จาก “ใช้ได้” เป็น “ถูกยกเลิก”" in plain(text)


def test_english_pages_use_common_era_years_and_mark_thai_text(house: House) -> None:
    text = record_of(house, "อ21101", "en")
    assert '<html lang="en">' in text
    assert "Why this many credits" in text
    assert "4 March 2026" in text
    assert "2569" not in text
    assert '<h1><span lang="th">ภาษาอังกฤษ 1</span></h1>' in text


def test_the_language_is_remembered(house: House) -> None:
    client = log_in(house, "student", learner="s-1")
    assert 'lang="th"' in client.get("/creditbank/").text
    assert '<html lang="en">' in client.get("/creditbank/?lang=en").text
    assert '<html lang="en">' in client.get("/creditbank/").text
    assert '<html lang="en">' in client.get("/creditbank/?lang=xx").text
    assert '<html lang="th">' in client.get("/creditbank/?lang=th").text


def test_a_new_learner_is_told_what_to_do(house: House) -> None:
    text = log_in(house, "student", learner="s-new").get("/creditbank/").text
    assert "ยังไม่มีหน่วยกิต" in text
    assert "เลือกรายวิชาในเว็บเรียน" in text


def test_a_provisional_account_is_accepted_once(place: Place) -> None:
    house = empty_bank(place)
    house.bank.hear(completed(1))
    client = log_in(house, "student", learner="s-1")
    assert "รับบัญชีนี้เป็นของฉัน" in client.get("/creditbank/").text
    assert post(client, "/creditbank/accept").status_code == 303
    text = client.get("/creditbank/").text
    assert "รับบัญชีเรียบร้อยแล้ว" in text
    assert "รับบัญชีนี้เป็นของฉัน" not in text
    assert "รับบัญชีเรียบร้อยแล้ว" not in client.get("/creditbank/").text
    who = house.user.now
    assert who is not None
    assert who.learner is not None
    learner = accounts.person_of(house.runtime, who.learner)
    assert learner is not None
    assert learner.state == "active"


def test_a_completion_of_somebody_without_an_account_is_theirs_to_see(place: Place) -> None:
    house = empty_bank(place, CREDITBANK_HOST_OPENS_ACCOUNTS=False)
    house.bank.hear(completed(1))
    client = log_in(house, "student", learner="s-1")
    path = found(r'"(/creditbank/events/[\w-]+)"', client.get("/creditbank/").text)
    assert "รอ: ยังไม่รู้ว่าผู้เรียนคนนี้คือใคร" in client.get(path).text
    assert log_in(house, "student", learner="s-2").get(path).status_code == 404


def test_what_was_typed_by_others_is_escaped(place: Place) -> None:
    house = empty_bank(place)
    evil = "<script>alert(1)</script>{{7*7}}"
    house.bank.hear(completed(1, course=Course(code=evil, title=evil)))
    text = log_in(house, "student", learner="s-1").get("/creditbank/").text
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in text
