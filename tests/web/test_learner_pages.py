"""What a learner sees: credits per scheme, why that many, why none, in two languages."""

import re
from collections.abc import Iterator

import pytest

from creditbank_hooks import Course, LearnerErased
from creditbank_plugin.rules.reasons import REASONS
from creditbank_plugin.services import accounts
from creditbank_plugin.services.catalogue import courses
from creditbank_plugin.services.catalogue.frameworks import load_frameworks
from creditbank_plugin.web import explained
from tests import builders
from tests.builders import CODE, OTHER_SCHOOL, SCHOOL, House, Place, adopt, compare, completed, learner, moment
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
        if f"{'รหัส' if lang == 'th' else 'Code'} {code} ·" in plain(text):
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
    assert failed.startswith(f"{FAILED[1]} ไม่ได้หน่วยกิต คะแนนต่ำกว่าเกณฑ์ ได้ 42 คะแนน ไม่ถึงเกณฑ์ขั้นต่ำ 50 คะแนน")
    assert "คะแนนที่ได้ 42 เกณฑ์ขั้นต่ำ 50 ผู้ที่ช่วยได้: ครูหรือนายทะเบียนของสถานศึกษา" in failed
    assert "ถ้าเว็บเรียนให้ทำแบบทดสอบใหม่ เมื่อผ่านเกณฑ์แล้วหน่วยกิตจะเข้าเอง" in failed
    assert f"{UNMATCHED[1]} รอดำเนินการ รออยู่ เพราะยังไม่มีผลการเทียบรายวิชานี้ที่อนุมัติแล้ว" in text
    assert FOREIGN in text
    assert "ผู้ดูแลระบบของแพลตฟอร์ม" in text


def test_every_reason_to_wait_begins_alike() -> None:
    waiting = [reason for reason in REASONS.values() if reason.state == "waiting"]
    assert len(waiting) > 5
    assert {reason.th.partition("เพราะ")[0] for reason in waiting} == {"รออยู่ "}
    assert {reason.en.partition(" ")[0] for reason in waiting} == {"Waiting:"}


def test_a_reason_said_in_older_words_is_not_said_twice() -> None:
    unknown, missing = REASONS["course_unknown"], REASONS["evidence_missing"]
    told = {"result": unknown.code, "th": "ถ้อยคำเดิม", "en": "Older words"}
    assert not explained.adds({**told, "source": "catalogue"}, unknown)
    assert explained.adds({**told, "source": "comparison:1"}, missing)
    assert explained.adds({**told, "source": "authority"}, REASONS["outside_dates"])


def test_the_school_and_bank_of_what_waits_are_said_once(place: Place) -> None:
    house = empty_bank(place)
    for code in ("ก1", "ก2"):
        courses.add_course(house.runtime, owner="national", code=code, version="2551", title_th=code, hours=4000)
        house.bank.hear(completed(1, course=Course(code=code)))
    house.bank.hear(completed(1, course=Course(code="ไม่รู้จัก")))
    pending = home_of(house).partition('id="pending"')[2]
    above, _, cards = pending.partition('<ul class="pending">')
    assert f"สถานศึกษา โรงเรียน {SCHOOL} ธนาคารหน่วยกิต ธนาคารหน่วยกิต {SCHOOL}" in plain(above)
    assert SCHOOL not in cards
    assert cards.count("วันที่เรียนจบ") == 3


def test_schools_that_differ_are_said_once_in_each_card(place: Place) -> None:
    house = empty_bank(place)
    courses.add_course(house.runtime, owner="national", code="ก1", version="2551", title_th="ก1", hours=4000)
    courses.add_course(house.runtime, owner="national", code="ก2", version="2551", title_th="ก2", hours=4000)
    house.bank.hear(completed(1, course=Course(code="ก1")))
    house.bank.hear(completed(1, course=Course(code="ก2"), school=OTHER_SCHOOL))
    above, _, cards = home_of(house).partition('id="pending"')[2].partition('<ul class="pending">')
    assert SCHOOL not in above
    assert [cards.count(f"โรงเรียน {code}") for code in (SCHOOL, OTHER_SCHOOL)] == [1, 1]


def test_one_event_explains_itself(house: House) -> None:
    client = log_in(house, "student", learner="s-1")
    path = found(r'"(/creditbank/events/[\w-]+)">สังคมศึกษา', client.get("/creditbank/").text)
    text = plain(client.get(path).text)
    assert "ได้ 42 คะแนน ไม่ถึงเกณฑ์ขั้นต่ำ 50 คะแนน ตามเอกสารที่อนุมัติ" in text
    assert "กฎ คะแนนขั้นต่ำ แหล่งที่มา ผลการเทียบรายวิชาที่อนุมัติ" in text
    assert "ผล คะแนนต่ำกว่าเกณฑ์" in text
    assert "เรียนจบเมื่อ 1 มีนาคม 2569 เวลา 10.00 น." in text


def test_a_record_shows_its_why_its_authority_and_its_evidence(house: House) -> None:
    text = plain(record_of(house, "ค21101"))
    why = text[text.index("ทำไมได้เท่านี้") :]
    assert why.startswith(
        "ทำไมได้เท่านี้ รายวิชานี้ใช้เวลาเรียน 60 ชั่วโมง ทุก 40 ชั่วโมงนับเป็น 1 หน่วยกิต จึงได้ 1.50 หน่วยกิต "
        "พบรายวิชา ค21101 (หลักสูตร พ.ศ. 2551) ของส่วนกลาง"
    )
    assert "กฎ 40 ชั่วโมง = 1 หน่วยกิต (BE-H1)" in text
    assert "BE-H1:" not in text
    assert "ผล พบรายวิชาในทะเบียน" in text
    assert "ผล 1.50 หน่วยกิต (การศึกษาขั้นพื้นฐาน)" in text
    assert "BANK-" not in text
    assert "มีประกาศทางการ" in text
    assert "ศูนย์จังหวัดลำพูน" in text
    assert "ประกาศทดสอบ 1/2563" in text
    assert "เลขที่คำสั่ง 1/2563 ผู้ลงนาม ผู้อำนวยการสถานศึกษา วันที่ของคำสั่ง 2 มกราคม 2563" in text
    assert "ระดับ 1 จาก 8 กำหนดโดยผลการเทียบรายวิชา ระดับนี้เป็นของรายวิชา ไม่ได้หมายความว่า" in text
    assert "ที่มาของตารางระดับ: https://spvc.ac.th/" in text
    assert "วันที่เรียนจบ 2 มีนาคม 2569 คะแนน 80" in text
    assert "ฝากเข้า 1.50 หน่วยกิต สถานะ “ใช้ได้”" in text
    assert "ใช้กระบวนการอ่านสร้างความรู้" in text


def test_each_rule_stands_beside_its_own_mark(house: House) -> None:
    for lang, marks in (
        ("th", ["มีประกาศทางการ", "อ้างจากแหล่งอื่นที่ไม่ใช่ประกาศทางการ"]),
        ("en", ["Official text", "Not an official text"]),
    ):
        lists = re.findall(r'(?s)<ul class="why-marks">(.*?)</ul>', record_of(house, "ค21101", lang))
        items = [re.findall(r"(?s)<li.*?</li>", each) for each in lists]
        assert all(item.count('class="mark ') == 1 for each in items for item in each)
        assert all("</li>" not in re.sub(r"(?s)<li.*?</li>", "", each) for each in lists)
        (both,) = [each for each in items if len(each) == 2 and all("why-rule" in item for item in each)]
        assert [plain(item).endswith(mark) for item, mark in zip(both, marks, strict=True)] == [True, True]


def test_what_the_system_does_by_itself_is_called_so(house: House) -> None:
    for lang, said in (("th", "ขั้นตอนอัตโนมัติของระบบ"), ("en", "Automatic step of this system")):
        first = found(r'(?s)<ol class="why">(.*?)</li>\s*</ul>', record_of(house, "ค21101", lang))
        assert plain(first).endswith(said)


def test_a_rule_that_is_not_confirmed_says_so(house: House) -> None:
    text = plain(record_of(house, "20000-1101"))
    assert "ยังไม่ได้ยืนยัน" in text
    assert "(VE-H1)" in text


def test_an_upper_bound_is_said_in_words_and_a_missing_level_too(house: House) -> None:
    text = plain(record_of(house, "ท21101"))
    assert "ไม่เกินวันที่ 1 มีนาคม 2569" in text
    assert "ยังไม่ได้กำหนดระดับ" in text


@pytest.mark.both_databases
def test_a_credit_that_was_taken_back_counts_nothing_and_says_when_why_and_who_can_help(house: House) -> None:
    text = record_of(house, "ศ21101")
    words = plain(text)
    assert '<p class="hero-credits"><strong>0.00</strong>' in text
    assert "ยกเลิก 0.50 หน่วยกิต จาก “ใช้ได้” เป็น “ถูกยกเลิก”" in words
    assert re.search(r"หน่วยกิตนี้ถูกยกเลิกเมื่อ \d+ \S+ 25\d\d เพราะ: บันทึกผิด หากไม่เห็นด้วย ให้ติดต่อครู", words)
    assert words.index("หน่วยกิตนี้ถูกยกเลิก") < words.index("เดิมได้หน่วยกิตเพราะอะไร")
    assert "ทำไมได้เท่านี้" not in words
    path = found(r'"(/creditbank/events/[\w-]+)"', text)
    event = plain(log_in(house, "student", learner="s-1").get(path).text)
    assert "ดูรายการหน่วยกิตที่ถูกยกเลิก" in event
    assert "เพราะ: บันทึกผิด" in event


def test_a_lowered_result_is_under_review_and_says_so(place: Place) -> None:
    house = empty_bank(place)
    house.bank.hear(completed(1, score=80))
    house.bank.hear(completed(1, score=60, time=moment(9)))
    words = plain(record_of(house, CODE))
    assert "หน่วยกิตนี้อยู่ระหว่างตรวจสอบตั้งแต่" in words
    assert "เพราะ: ระบบต้นทางแจ้งผลที่ต่ำกว่าเดิม" in words


def test_a_reason_of_a_revocation_is_escaped(place: Place) -> None:
    house = empty_bank(place)
    house.bank.hear(completed(1))
    house.bank.hear(builders.revoked(1, CODE, revoked_at=moment(20), reason="<script>alert(1)</script>ผิดคน"))
    for lang in ("th", "en"):
        text = record_of(house, CODE, lang)
        assert "<script" not in text
        assert "&lt;script&gt;" in text


def test_assurance_is_shown_as_it_was_sent(house: House) -> None:
    assert "การยืนยันตัวตน ยืนยันตัวตนผู้เรียนแล้ว การวัดผล ครูเป็นผู้ประเมิน" in plain(record_of(house, "ค21101"))


def test_assurance_that_was_not_sent_is_not_made_up(place: Place) -> None:
    house = empty_bank(place)
    house.bank.hear(completed(1, assurance=None))
    assert "การยืนยันตัวตน ไม่ได้ส่งมา การวัดผล ไม่ได้ส่งมา" in plain(record_of(house, CODE))


def test_an_outcome_without_credit_is_not_drawn_as_money(place: Place) -> None:
    house = empty_bank(place)
    course = courses.add_course(
        house.runtime, owner="national", code="ป11101", version="2551", title_th="บูรณาการ", hours=None
    )
    adopt(house, compare(house, course, 0, scheme="none", credits_rule=None))
    house.bank.hear(completed(1, course=Course(code="ป11101")))
    home = log_in(house, "student", learner="s-1").get("/creditbank/").text
    assert "บันทึกผลลัพธ์การเรียนรู้แล้ว 2 รายการ" in home
    assert "0.00" not in home
    text = record_of(house, "ป11101")
    assert "รายวิชานี้รับรองผลลัพธ์การเรียนรู้ แต่ไม่นับเป็นหน่วยกิต" in text
    assert "<p>บันทึกแล้ว</p>" in text
    assert "0.00" not in text


def test_credits_that_no_hours_explain_name_the_paper(place: Place) -> None:
    house = empty_bank(place)
    for code, scheme, hours in (("พว22002", "non_formal", None), ("20000-9999", "vocational", 7200)):
        course = courses.add_course(
            house.runtime, owner="national", code=code, version="2567", title_th=f"วิชา {code}", hours=hours
        )
        adopt(house, compare(house, course, 300, scheme=scheme, credits_rule=None))
        house.bank.hear(completed(1, course=Course(code=code)))
    words = plain(record_of(house, "พว22002"))
    assert "ไม่ได้คิดจากชั่วโมงเรียน จำนวน 3.00 หน่วยกิตมาจากเอกสารอนุมัติ ประกาศทดสอบ 1/2563" in words
    words = plain(record_of(house, "20000-9999"))
    assert "รายวิชานี้ใช้เวลาเรียน 72 ชั่วโมง แต่ทะเบียนไม่ได้แยกชั่วโมงทฤษฎีกับปฏิบัติ" in words
    assert "ยังไม่ได้ยืนยัน" in words


def test_a_day_that_no_comparison_covers_is_told_with_the_days_that_are(place: Place) -> None:
    house = empty_bank(place)
    house.bank.hear(completed(1, completed_at=moment(3, year=2019)))
    for path in ("/creditbank/", found(r'"(/creditbank/events/[\w-]+)"', home_of(house))):
        words = plain(log_in(house, "student", learner="s-1").get(path).text)
        assert "เรียนจบวันที่ 3 มีนาคม 2562 แต่ผลการเทียบรายวิชาใช้กับผู้ที่เรียนจบตั้งแต่ 1 มกราคม 2563" in words


def home_of(house: House, who: str = "s-1") -> str:
    return log_in(house, "student", learner=who).get("/creditbank/").text


def test_missing_evidence_is_for_the_school_to_send_and_all_else_needs_nothing(place: Place) -> None:
    house = empty_bank(place)
    course = courses.add_course(
        house.runtime, owner="national", code="ค22101", version="2551", title_th="คณิตศาสตร์", hours=6000
    )
    adopt(house, compare(house, course, 150, conditions={"required": ["grade"]}))
    house.bank.hear(completed(1, course=Course(code="ค22101")))
    house.bank.hear(completed(2, course=Course(code="ไม่รู้จัก")))
    sentences = ("เมื่อสถานศึกษาส่งผลหรือหลักฐานที่ขาดมา ระบบจะพิจารณาให้เอง", "คุณไม่ต้องทำอะไรเพิ่ม")
    for who, said in zip(("s-1", "s-2"), sentences, strict=True):
        path = found(r'"(/creditbank/events/[\w-]+)"', home_of(house, who))
        text = log_in(house, "student", learner=who).get(path).text
        assert [each for each in sentences if each in text] == [said]


def test_outcomes_stand_in_order_and_their_source_once(place: Place) -> None:
    house = empty_bank(place)
    load_frameworks(house.runtime, [builders.core_curriculum()])
    course = courses.add_course(
        house.runtime, owner="national", code="ค21102", version="2551", title_th="คณิตศาสตร์", hours=6000
    )
    codes = ("ว 4.2 ม.1/2", "ค 1.1 ม.1/1", "ค 1.1 ม.1/2", "ค 1.1")
    ids = [each for code in codes for each in builders.item_ids(code)]
    adopt(house, compare(house, course, 150, outcomes=ids))
    house.bank.hear(completed(1, course=Course(code="ค21102")))
    section = found(
        r'(?s)<section class="paper" aria-labelledby="outcomes">(.*?)</section>', record_of(house, "ค21102")
    )
    assert re.findall(r'class="code">([^<]+)<', section) == sorted(codes)
    assert section.count("คัดลอกจากสำเนาที่ผู้อื่นเผยแพร่ (GitHub) ยังไม่ได้ตรวจกับเอกสารทางการ") == 1
    assert "github:" not in section.split("<details>")[0]


def test_a_learner_whose_account_the_host_closed_is_told(place: Place) -> None:
    house = empty_bank(place)
    house.bank.hear(completed(1))
    house.bank.hear(LearnerErased(learner=learner(1), erased_at=moment(10), source="x"))
    assert "หน่วยกิตเดิมยังเก็บอยู่" in home_of(house)
    assert "หน่วยกิตเดิมยังเก็บอยู่" not in home_of(house, "s-new")


def test_english_pages_use_common_era_years_and_mark_thai_text(house: House) -> None:
    text = record_of(house, "อ21101", "en")
    assert '<html lang="en">' in text
    assert "Why this many credits" in text
    assert "4 March 2026" in text
    assert "2569" not in text
    assert 'lang="th">อ21101</span> · curriculum B.E. 2551' in text
    assert '<span lang="th">นักเรียนทดลอง 1</span>' in text
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


@pytest.mark.both_databases
def test_a_provisional_account_is_accepted_once(place: Place) -> None:
    house = empty_bank(place)
    house.bank.hear(completed(1))
    client = log_in(house, "student", learner="s-1")
    assert ">รับบัญชี</button>" in client.get("/creditbank/").text
    assert post(client, "/creditbank/accept").status_code == 303
    text = client.get("/creditbank/").text
    assert "รับบัญชีเรียบร้อยแล้ว" in text
    assert ">รับบัญชี</button>" not in text
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
    assert "รออยู่ เพราะยังไม่รู้ว่าผู้เรียนคนนี้คือใคร" in client.get(path).text
    assert log_in(house, "student", learner="s-2").get(path).status_code == 404


def test_what_was_typed_by_others_is_escaped(place: Place) -> None:
    house = empty_bank(place)
    evil = "<script>alert(1)</script>{{7*7}}"
    house.bank.hear(completed(1, course=Course(code=evil, title=evil)))
    text = log_in(house, "student", learner="s-1").get("/creditbank/").text
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in text
