"""Who may enter: every page with nobody, with a wrong role, and with another learner; every form without its token."""

import re
from collections.abc import Iterator

import pytest

from creditbank_plugin.web.words import texts
from tests.builders import House, Place
from tests.web.world import found, log_in, make_world, post

NOTICE = "inbox.retried_none"
EVENT = "01a1fc14-cb52-7c38-a4cb-b3c982779184"
LEARNERS_PAGES = ("/creditbank/", f"/creditbank/records/{EVENT}", f"/creditbank/events/{EVENT}")
ADMIN_PAGES = (
    "/creditbank/admin/",
    "/creditbank/admin/inbox",
    f"/creditbank/admin/inbox/{EVENT}",
    "/creditbank/admin/aliases",
    "/creditbank/admin/frameworks",
    f"/creditbank/admin/frameworks/{EVENT}",
)
COMMITTEE_PAGES = (
    "/creditbank/admin/comparisons",
    "/creditbank/admin/comparisons/new",
    "/creditbank/admin/adoptions",
    "/creditbank/admin/adoptions/new",
    "/creditbank/admin/suggestions",
    "/creditbank/admin/synonyms",
)
CATALOGUE_PAGES = ("/creditbank/courses", f"/creditbank/courses/{EVENT}")
COURSE_DESK_PAGES = (
    "/creditbank/courses/new",
    f"/creditbank/courses/{EVENT}/edit",
    f"/creditbank/courses/export.{EVENT}",
)
FORMS = (
    ("/creditbank/accept", ("student",)),
    (f"/creditbank/admin/inbox/{EVENT}/retry", ("admin",)),
    ("/creditbank/admin/aliases", ("admin",)),
    ("/creditbank/admin/comparisons/new", ("admin",)),
    (f"/creditbank/admin/comparisons/{EVENT}/end", ("admin",)),
    ("/creditbank/admin/adoptions/new", ("committee",)),
    (f"/creditbank/admin/adoptions/{EVENT}/revoke", ("committee",)),
    ("/creditbank/admin/synonyms", ("committee",)),
    (f"/creditbank/admin/synonyms/{EVENT}/end", ("committee",)),
    ("/creditbank/courses/new", ("registrar",)),
    (f"/creditbank/courses/{EVENT}/edit", ("director",)),
    ("/creditbank/admin/frameworks", ("admin",)),
    (f"/creditbank/admin/frameworks/{EVENT}/load", ("admin",)),
)
#: Whoever is logged in reads these.
FRAMEWORK_PAGES = (
    "/creditbank/frameworks",
    f"/creditbank/frameworks/{EVENT}",
    f"/creditbank/frameworks/{EVENT}/{EVENT}",
)
PAGES = (*LEARNERS_PAGES, *ADMIN_PAGES, *COMMITTEE_PAGES, *CATALOGUE_PAGES, *COURSE_DESK_PAGES, *FRAMEWORK_PAGES)


@pytest.fixture(scope="module")
def house(shared_place: Place) -> Iterator[House]:
    return make_world(shared_place, CREDITBANK_LOGIN_URL="/login")


def test_every_route_is_listed_here(house: House) -> None:
    rules = [rule for rule in house.app.url_map.iter_rules() if rule.endpoint.startswith("creditbank.")]
    shown = {re.sub("<[^>]+>", EVENT, rule.rule) for rule in rules if "GET" in (rule.methods or ())}
    sent = {re.sub("<[^>]+>", EVENT, rule.rule) for rule in rules if "POST" in (rule.methods or ())}
    assert shown - {f"/creditbank/static/{EVENT}"} == set(PAGES)
    assert sent == {path for path, _ in FORMS}


@pytest.mark.parametrize("path", PAGES)
def test_nobody_is_asked_to_log_in(house: House, path: str) -> None:
    answer = log_in(house).get(path)
    assert answer.status_code == 401
    assert "กรุณาเข้าสู่ระบบก่อน" in answer.text
    assert f'href="/login?next={path.replace("/", "%2F")}"' in answer.text


@pytest.mark.parametrize("path", LEARNERS_PAGES)
def test_staff_who_do_not_learn_have_no_bank(house: House, path: str) -> None:
    answer = log_in(house, "teacher").get(path)
    assert answer.status_code == 403
    assert "ยังไม่มีหน้าสำหรับบัญชีนี้" in answer.text
    assert "หากต้องการตรวจสอบหน่วยกิตของนักเรียน ให้ติดต่อผู้ดูแลระบบ" in answer.text


@pytest.mark.parametrize(
    ("role", "first"), [("admin", "/creditbank/admin/"), ("committee", "/creditbank/admin/comparisons")]
)
def test_the_bank_leads_staff_to_the_first_page_of_theirs(house: House, role: str, first: str) -> None:
    answer = log_in(house, role).get("/creditbank/")
    assert (answer.status_code, answer.headers["Location"]) == (302, first)
    refused = log_in(house, role).get(f"/creditbank/records/{EVENT}")
    assert refused.status_code == 403
    assert "เข้าหน้านี้ไม่ได้" in refused.text


@pytest.mark.parametrize("path", ADMIN_PAGES)
@pytest.mark.parametrize("role", ["student", "teacher", "registrar", "committee"])
def test_only_administrators_see_the_inbox(house: House, path: str, role: str) -> None:
    assert log_in(house, role, learner="s-1" if role == "student" else None).get(path).status_code == 403


@pytest.mark.parametrize("path", COMMITTEE_PAGES)
@pytest.mark.parametrize(
    ("role", "status"), [("student", 403), ("teacher", 403), ("registrar", 403), ("committee", 200), ("admin", 200)]
)
def test_working_groups_enter_comparisons(house: House, path: str, role: str, status: int) -> None:
    assert log_in(house, role).get(path).status_code == status


@pytest.mark.parametrize(("path", "status"), list(zip(CATALOGUE_PAGES, (200, 404), strict=True)))
def test_everybody_who_is_logged_in_sees_the_catalogue(house: House, path: str, status: int) -> None:
    for role in ("student", "teacher", "registrar"):
        assert log_in(house, role).get(path).status_code == status


@pytest.mark.parametrize("path", COURSE_DESK_PAGES)
@pytest.mark.parametrize("role", ["student", "teacher"])
def test_only_staff_of_the_catalogue_edit_it(house: House, path: str, role: str) -> None:
    assert log_in(house, role, learner="s-1" if role == "student" else None).get(path).status_code == 403


@pytest.mark.parametrize(("path", "roles"), FORMS)
def test_forms_of_others_are_refused_by_role(house: House, path: str, roles: tuple[str, ...]) -> None:
    assert post(log_in(house), path).status_code == 401
    wrong = log_in(house, "teacher") if "student" in roles else log_in(house, "student", learner="s-1")
    assert post(wrong, path).status_code == 403


@pytest.mark.parametrize(("path", "roles"), FORMS)
def test_forged_forms_are_refused(house: House, path: str, roles: tuple[str, ...]) -> None:
    client = log_in(house, *roles, learner="s-1" if "student" in roles else None)
    assert client.post(path).status_code == 400
    post(client, path)
    forged = client.post(path, data={"creditbank_token": "another"})
    assert forged.status_code == 400
    assert "หน้านี้เปิดค้างไว้นานเกินไป" in forged.text
    assert 'href="/creditbank/?lang=en"' in forged.text, "what a form was sent to may be no page"


def test_a_page_that_was_open_for_too_long_leads_back(house: House) -> None:
    client = log_in(house, "admin")
    form = "/creditbank/admin/comparisons/new?course=1"
    for came, back in (
        (f"http://localhost{form}", form),
        ("http://elsewhere.example/x", "/creditbank/"),
        ("http://localhost//elsewhere.example", "/creditbank/"),
        ("", "/creditbank/"),
    ):
        refused = client.post("/creditbank/admin/comparisons/new", headers={"Referer": came})
        assert f'<a class="button" href="{back}">กลับไปหน้าเดิม</a>' in refused.text


def test_another_learners_record_is_not_there(house: House) -> None:
    mine = log_in(house, "student", learner="s-1")
    text = mine.get("/creditbank/").text
    paths = [found(rf'"(/creditbank/{kind}/[\w-]+)"', text) for kind in ("records", "events")]
    paths.append(found(r'"(/creditbank/events/[\w-]+)"', mine.get(paths[0]).text))
    for path in paths:
        assert mine.get(path).status_code == 200
    for other in ("s-2", "s-none"):
        client = log_in(house, "student", learner=other)
        for path in paths:
            assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/creditbank/records/x", f"/creditbank/records/{EVENT}", "/creditbank/events/x'"])
def test_what_does_not_exist_is_not_found(house: House, path: str) -> None:
    answer = log_in(house, "student", learner="s-1").get(path)
    assert answer.status_code == 404
    assert "ไม่พบหน้านี้" in answer.text


def test_our_answers_alone_carry_our_headers(place: Place) -> None:
    house = make_world(place)
    house.app.add_url_rule("/theirs", "theirs", lambda: "the host's page")
    client = log_in(house, "student", learner="s-1")
    for path in ("/creditbank/", "/creditbank/records/x"):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["Referrer-Policy"] == "same-origin"
    static = client.get("/creditbank/static/creditbank.css")
    assert static.status_code == 200
    assert static.headers["Cache-Control"] == "public, max-age=3600"
    assert (
        client.get("/creditbank/static/creditbank.css", headers={"If-None-Match": static.headers["ETag"]})
        .headers["Cache-Control"]
        .startswith("public")
    )
    theirs = client.get("/theirs").headers
    assert {"Content-Security-Policy", "Cache-Control", "Referrer-Policy"}.isdisjoint(theirs.keys())
    assert client.get("/nowhere").headers.get("Content-Security-Policy") is None


def test_a_missing_file_is_kept_by_nobody_and_takes_no_notice_away(place: Place) -> None:
    client = log_in(make_world(place), "student", learner="s-1")
    with client.session_transaction() as session:
        session["creditbank_notice"] = {"key": NOTICE, "values": {}}
    missing = client.get("/creditbank/static/none.css")
    assert (missing.status_code, missing.headers["Cache-Control"]) == (404, "private, no-store")
    said = texts()[NOTICE]["th"]
    assert said not in missing.get_data(as_text=True)
    assert client.post("/creditbank/static/creditbank.css").headers.get("Cache-Control") != "public, max-age=3600"
    assert said in client.get("/creditbank/").get_data(as_text=True)
    assert said not in client.get("/creditbank/").get_data(as_text=True)
