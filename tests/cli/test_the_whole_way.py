"""From a province's spreadsheet to the credit of a learner who waited: in a browser, in Thai, and through the API.

A real demo in a process of its own, and the people and systems of its province, its working group and its school.
"""

from pathlib import Path
from typing import Any

import pytest
import requests

from tests.cli.demo_server import STUDENTS, Demo, token

THROUGH_THE_API, IN_A_BROWSER = STUDENTS["whole way"]
CLICKED, SENT = "ว29901", "ว29902"
TITLES = {CLICKED: "พลังงานแสงอาทิตย์ในชุมชน", SENT: "การจัดการน้ำในชุมชน"}
REFERENCE, ORDER = "ประกาศทดสอบ ที่ 7/2569", "คำสั่งทดสอบ ที่ 12/2569"
DAY = {"d": "1", "m": "1", "y": "2563"}
RATING = {"design": "met", "measurement": "met", "quality": "met", "advice": "approve"}


@pytest.fixture
def demo(shared_demo: Demo) -> dict[str, Any]:
    return shared_demo.about


def call(about: dict[str, Any], client: str, method: str, path: str, **more: Any) -> Any:
    """Ask the API as one of the demo's clients; what is refused fails the test with its words."""
    headers = {"Authorization": f"Bearer {token(about, client)}", **more.pop("headers", {})}
    url = f"{about['base_url']}/creditbank/api/v1{path}"
    answer = requests.request(method, url, headers=headers, timeout=30, **more)
    assert answer.status_code < 300, answer.text
    return answer.json()


def learner(about: dict[str, Any], username: str) -> str:
    return next(str(user["learner_id"]) for user in about["users"] if user["username"] == username)


def finish(about: dict[str, Any], code: str, username: str) -> dict[str, Any]:
    """Let the learning platform tell that somebody finished a course; return what became of it."""
    event = {
        "specversion": "1.0",
        "id": f"whole-way-{code}",
        "source": about["issuer"],
        "type": "lms.course.completed.v1",
        "data": {
            "learner": {"issuer": about["issuer"], "id": learner(about, username)},
            "course": {"code": code, "version": "2551", "title": TITLES[code]},
            "completed_at": "2026-03-01T10:00:00+07:00",
            "score": 80,
        },
    }
    media = {"Content-Type": "application/cloudevents+json"}
    told: dict[str, Any] = call(about, "intake", "POST", "/events", json=event, headers=media)["events"][0]
    return told


def what_became_of(about: dict[str, Any], event_id: str) -> tuple[str, str]:
    told = call(about, "intake", "GET", f"/events/{event_id}")
    return told["state"], told["reason"]["code"]


def test_through_the_api(demo: dict[str, Any]) -> None:
    event = finish(demo, SENT, THROUGH_THE_API)["event_id"]
    assert what_became_of(demo, event) == ("waiting", "course_unknown")
    key = {"owner": demo["school"], "code": SENT, "version": "2551"}
    row = {**key, "title_th": TITLES[SENT], "hours_theory": 40, "level_group": "lower_secondary", "sector": "formal"}
    entered = call(demo, "catalogue", "POST", "/courses:bulk", json={"courses": [row]})
    assert "new" in str(entered)
    assert what_became_of(demo, event) == ("waiting", "no_comparison")
    place = "/courses/" + "/".join(key.values())
    suggested = call(demo, "catalogue", "GET", f"{place}/suggestions")["items"]
    assert suggested
    draft = {
        "course": key,
        "scheme": "basic",
        "credits": "1.00",
        "conditions": {"min_score": 50},
        "outcomes": [suggested[0]["item"]["id"]],
        "applies_from": "2020-01-01",
    }
    made = f"/comparisons/{call(demo, 'proposer', 'POST', '/comparisons', json=draft)['id']}"
    assert call(demo, "proposer", "POST", f"{made}/propose", json={})["state"] == "proposed"
    for rater in ("rater1", "rater2"):
        assert call(demo, rater, "POST", f"{made}/rate", json=RATING)["state"] == "under_judgement"
    impact = call(demo, "chair", "GET", f"{made}/impact")
    assert {name: impact[name] for name in ("learners", "completions", "credited", "withheld", "already_used")} == {
        "learners": 1,
        "completions": 1,
        "credited": 0,
        "withheld": 0,
        "already_used": 0,
    }
    assert call(demo, "chair", "POST", f"{made}/approve", json={"reference": REFERENCE})["state"] == "approved"
    assert what_became_of(demo, event) == ("waiting", "not_adopted")
    order = {
        "comparison_ids": [made.rpartition("/")[2]],
        "order_number": f"{ORDER} (API)",
        "ordered_on": "2026-01-02",
        "signatory": "ผู้อำนวยการสถานศึกษา",
        "applies_from": "2020-01-01",
    }
    forecast = call(demo, "bank", "POST", "/adoptions:forecast", json=order)
    assert (forecast["learners"], forecast["completions"], forecast["credited"]) == (1, 1, 1)
    call(demo, "bank", "POST", "/adoptions", json=order)
    assert what_became_of(demo, event) == ("credited", "credited")
    found = call(
        demo, "reader", "GET", "/learners", params={"issuer": demo["issuer"], "id": learner(demo, THROUGH_THE_API)}
    )
    credits = call(demo, "reader", "GET", f"/learners/{found['items'][0]['id']}/credits")
    record = next(each for each in credits["items"] if each["course"]["code"] == SENT)
    assert (record["credits"], record["comparison_id"]) == ("1.00", made.rpartition("/")[2])
    assert [each["id"] for each in record["outcomes"]] == [suggested[0]["item"]["id"]]


class Visitor:
    """Somebody with a browser of their own, in Thai, on a phone."""

    def __init__(self, browser: Any, about: dict[str, Any], username: str) -> None:
        self.base = about["base_url"]
        self.page = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False).new_page()
        known = next(user for user in about["users"] if user["username"] == username)
        self.page.goto(f"{self.base}/login")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", known["password"])
        self.page.locator("form:has([name=password]) button").click()
        assert "/login" not in self.page.url

    def open(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else f"{self.base}/creditbank{path}")

    def press(self, said: str) -> None:
        self.page.get_by_role("button", name=said).first.click()

    def fill_day(self, name: str) -> None:
        self.page.fill(f"[name={name}_d]", DAY["d"])
        self.page.select_option(f"[name={name}_m]", DAY["m"])
        self.page.fill(f"[name={name}_y]", DAY["y"])

    def sees(self, said: str) -> bool:
        return said in self.page.inner_text("main")


@pytest.mark.browser
def test_in_a_browser_in_thai(demo: dict[str, Any], chromium: Any, tmp_path: Path) -> None:
    event = finish(demo, CLICKED, IN_A_BROWSER)["event_id"]
    assert what_became_of(demo, event) == ("waiting", "course_unknown")
    place = proposed(demo, chromium, tmp_path)
    assert what_became_of(demo, event) == ("waiting", "no_comparison")
    approved(demo, chromium, place)
    assert what_became_of(demo, event) == ("waiting", "not_adopted")
    adopted(demo, chromium)
    assert what_became_of(demo, event) == ("credited", "credited")
    student = Visitor(chromium, demo, IN_A_BROWSER)
    student.open("/")
    if student.page.get_by_role("button", name="รับบัญชี").count():
        student.press("รับบัญชี")
    student.page.get_by_role("link", name=TITLES[CLICKED]).first.click()
    assert student.sees(REFERENCE)
    assert student.sees(ORDER)


def proposed(demo: dict[str, Any], browser: Any, folder: Path) -> str:
    """The officer brings in the province's spreadsheet and proposes its course; return the proposal's address."""
    sheet = folder / "รายวิชาของจังหวัด.csv"
    headings = "หน่วยงานเจ้าของ,รหัสรายวิชา,ปีหลักสูตร,ชื่อรายวิชา,ชั่วโมงทฤษฎี,กลุ่มระดับ,รูปแบบการศึกษา"
    line = f"{demo['school']},{CLICKED},๒๕๕๑,{TITLES[CLICKED]},๔๐,ม.ต้น,ในระบบ"
    sheet.write_text(f"{headings}\n{line}\n", encoding="utf-8-sig")
    officer = Visitor(browser, demo, "committee1")
    officer.open("/admin/imports")
    officer.page.set_input_files("#file", sheet)
    officer.press("ส่งและดูคอลัมน์")
    officer.press("ตรวจทุกแถว")
    officer.page.get_by_role("button", name="นำเข้า").first.wait_for(timeout=30_000)
    officer.press("นำเข้า")
    officer.page.locator(".notice.good").wait_for(timeout=30_000)
    officer.open(f"/admin/proposals/new?q={CLICKED}")
    officer.press("เริ่มร่าง")
    officer.page.locator("[name=outcomes]").first.check()
    officer.page.fill("[name=min_score]", "50")
    officer.fill_day("applies_from")
    officer.press("บันทึกและเสนอ")
    assert officer.page.locator(".wrong").count() == 0
    return str(officer.page.url).partition("?")[0]


def approved(demo: dict[str, Any], browser: Any, place: str) -> None:
    """Two raters judge, and the chair signs after seeing what it would do."""
    for username in ("committee2", "committee3"):
        rater = Visitor(browser, demo, username)
        rater.open(place)
        for name, value in RATING.items():
            rater.page.check(f"[name={name}][value={value}]")
        rater.press("บันทึกผลประเมิน")
        assert rater.page.locator(".wrong").count() == 0
    chair = Visitor(browser, demo, "committee4")
    chair.open(f"{place}/sign")
    shown = chair.page.locator(".sum").all_inner_texts()
    assert any("1" in each for each in shown), "one completion waits for it"
    chair.page.fill("[name=reference]", REFERENCE)
    chair.press("อ่านข้อความที่จะลงนาม")
    assert CLICKED in chair.page.locator(".signed").inner_text()
    chair.press("ลงนามอนุมัติ")
    assert chair.sees(REFERENCE)


def adopted(demo: dict[str, Any], browser: Any) -> None:
    """The school's director finds the comparison, sees the forecast, and signs."""
    director = Visitor(browser, demo, "director1")
    director.open("/admin/adoptions/new")
    director.page.fill("[name=find]", CLICKED)
    director.press("ค้นหา")
    director.page.locator("[name=comparison]").first.check()
    director.fill_day("applies_from")
    director.press("ดูผลที่คาดก่อนลงนาม")
    assert director.page.locator(".sum dd").first.inner_text() == "1", "one learner would be credited"
    director.page.fill("[name=order_number]", ORDER)
    director.page.fill("[name=signatory]", "ผู้อำนวยการสถานศึกษา")
    director.fill_day("ordered_on")
    director.press("ลงนามและบันทึกคำสั่ง")
    assert director.page.locator("[role=status]").count() == 1
