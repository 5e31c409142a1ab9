"""Who may enter: every page with nobody, with a wrong role, and with another learner; every form without its token."""

import re
from collections.abc import Iterator

import pytest

from creditbank_plugin.web.words import texts
from tests.builders import House, Place
from tests.web.world import found, log_in, make_world, post

pytestmark = pytest.mark.both_databases

NOTICE = "inbox.retried_none"
EVENT = "01a1fc14-cb52-7c38-a4cb-b3c982779184"
LEARNERS_PAGES = (
    "/creditbank/",
    f"/creditbank/records/{EVENT}",
    f"/creditbank/events/{EVENT}",
    "/creditbank/shared",
)
ADMIN_PAGES = (
    "/creditbank/admin/",
    "/creditbank/admin/inbox",
    f"/creditbank/admin/inbox/{EVENT}",
    "/creditbank/admin/aliases",
    "/creditbank/admin/comparisons/new",
    "/creditbank/admin/frameworks",
    f"/creditbank/admin/frameworks/{EVENT}",
    "/creditbank/admin/clients",
    "/creditbank/admin/clients/new",
    f"/creditbank/admin/clients/{EVENT}",
    "/creditbank/admin/webhooks",
    f"/creditbank/admin/webhooks/{EVENT}",
)
COMMITTEE_PAGES = (
    "/creditbank/admin/comparisons",
    "/creditbank/admin/suggestions",
    "/creditbank/admin/synonyms",
    "/creditbank/admin/proposals",
    "/creditbank/admin/proposals/new",
    "/creditbank/admin/groups",
    "/creditbank/admin/groups/new",
    "/creditbank/admin/agreement",
)
#: Pages of one proposal or group, which this world does not have: those who may enter find nothing there.
OF_ONE = (
    f"/creditbank/admin/proposals/{EVENT}",
    f"/creditbank/admin/proposals/{EVENT}/edit",
    f"/creditbank/admin/proposals/{EVENT}/sign",
    f"/creditbank/admin/groups/{EVENT}",
    f"/creditbank/admin/groups/{EVENT}/change",
)
#: Whoever likes may read these.
PUBLIC_PAGES = ("/creditbank/comparisons", f"/creditbank/comparisons/{EVENT}")
#: Whoever signs for a school may enter as well; what is not there, or not theirs, is another matter.
SIGNERS_PAGES = (
    "/creditbank/admin/adoptions",
    "/creditbank/admin/adoptions/new",
    f"/creditbank/admin/adoptions/{EVENT}/revoke",
    "/creditbank/admin/banks",
    f"/creditbank/admin/banks/{EVENT}",
    "/creditbank/admin/mandates",
    "/creditbank/admin/memoranda",
    "/creditbank/admin/memoranda/new",
    f"/creditbank/admin/memoranda/{EVENT}",
    "/creditbank/admin/reviews",
    f"/creditbank/admin/reviews/{EVENT}",
)
IMPORT_PAGES = ("/creditbank/admin/imports", "/creditbank/admin/imports/template.xlsx")
REPORT_PAGES = (
    "/creditbank/reports",
    "/creditbank/reports/all.json",
    f"/creditbank/reports/{EVENT}",
    f"/creditbank/reports/{EVENT}.xlsx",
    f"/creditbank/reports/{EVENT}.json",
)
CATALOGUE_PAGES = ("/creditbank/courses", f"/creditbank/courses/{EVENT}")
COURSE_DESK_PAGES = (
    "/creditbank/courses/new",
    f"/creditbank/courses/{EVENT}/edit",
    f"/creditbank/courses/export.{EVENT}",
)
FORMS = (
    ("/creditbank/accept", ("student",)),
    (f"/creditbank/shared/{EVENT}/end", ("student",)),
    (f"/creditbank/admin/inbox/{EVENT}/retry", ("admin",)),
    ("/creditbank/admin/aliases", ("admin",)),
    ("/creditbank/admin/clients/new", ("admin",)),
    (f"/creditbank/admin/clients/{EVENT}/rotate", ("admin",)),
    (f"/creditbank/admin/clients/{EVENT}/stop", ("admin",)),
    (f"/creditbank/admin/clients/{EVENT}/grants/{EVENT}/end", ("admin",)),
    (f"/creditbank/admin/webhooks/{EVENT}/stop", ("admin",)),
    (f"/creditbank/admin/webhooks/{EVENT}/deliveries/{EVENT}/resend", ("admin",)),
    ("/creditbank/admin/comparisons/new", ("admin",)),
    (f"/creditbank/admin/comparisons/{EVENT}/end", ("admin",)),
    ("/creditbank/admin/adoptions/new", ("committee",)),
    ("/creditbank/admin/synonyms", ("committee",)),
    (f"/creditbank/admin/synonyms/{EVENT}/end", ("committee",)),
    ("/creditbank/admin/proposals/new", ("committee",)),
    *(
        (f"/creditbank/admin/proposals/{EVENT}/{act}", ("committee",))
        for act in ("edit", "propose", "take-back", "judge", "rate", "sign", "return", "reject", "withdraw")
    ),
    ("/creditbank/admin/groups/new", ("committee",)),
    (f"/creditbank/admin/groups/{EVENT}/change", ("committee",)),
    (f"/creditbank/admin/groups/{EVENT}/members", ("committee",)),
    (f"/creditbank/admin/groups/{EVENT}/meetings", ("committee",)),
    (f"/creditbank/admin/adoptions/{EVENT}/revoke", ("director",)),
    ("/creditbank/admin/mandates", ("director",)),
    (f"/creditbank/admin/mandates/{EVENT}/end", ("director",)),
    ("/creditbank/admin/memoranda/new", ("committee",)),
    (f"/creditbank/admin/memoranda/{EVENT}/end", ("committee",)),
    (f"/creditbank/admin/reviews/{EVENT}", ("director",)),
    ("/creditbank/admin/frameworks", ("admin",)),
    (f"/creditbank/admin/frameworks/{EVENT}/load", ("admin",)),
    ("/creditbank/admin/imports", ("registrar",)),
    *(
        (f"/creditbank/admin/imports/{EVENT}/{act}", ("director",))
        for act in ("sheet", "check", "load", "drop", "retry")
    ),
    ("/creditbank/courses/new", ("registrar",)),
    (f"/creditbank/courses/{EVENT}/edit", ("director",)),
)
#: Forms for everybody who is logged in.
PUBLIC_FORMS = (f"/creditbank/comparisons/{EVENT}",)
#: Whoever is logged in reads these.
FRAMEWORK_PAGES = (
    "/creditbank/frameworks",
    f"/creditbank/frameworks/{EVENT}",
    f"/creditbank/frameworks/{EVENT}/{EVENT}",
)
#: Open to whoever a client sends, and guards itself: tests/api/test_authorize.py.
AUTHORIZE = "/creditbank/oauth/authorize"
PAGES = (
    *(*LEARNERS_PAGES, *ADMIN_PAGES, *COMMITTEE_PAGES, *SIGNERS_PAGES, *FRAMEWORK_PAGES, *OF_ONE),
    *(*IMPORT_PAGES, f"/creditbank/admin/imports/{EVENT}", *REPORT_PAGES),
    *(*CATALOGUE_PAGES, *COURSE_DESK_PAGES),
)


@pytest.fixture(scope="module")
def house(shared_place: Place) -> Iterator[House]:
    return make_world(shared_place, CREDITBANK_LOGIN_URL="/login")


def test_every_route_is_listed_here(house: House) -> None:
    rules = [rule for rule in house.app.url_map.iter_rules() if rule.endpoint.startswith("creditbank.")]
    shown = {re.sub("<[^>]+>", EVENT, rule.rule) for rule in rules if "GET" in (rule.methods or ())}
    sent = {re.sub("<[^>]+>", EVENT, rule.rule) for rule in rules if "POST" in (rule.methods or ())}
    assert shown - {f"/creditbank/static/{EVENT}"} == {*PAGES, *PUBLIC_PAGES, AUTHORIZE}
    assert sent == {*(path for path, _ in FORMS), *PUBLIC_FORMS, AUTHORIZE}


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
    ("role", "first"), [("admin", "/creditbank/admin/"), ("committee", "/creditbank/admin/proposals")]
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


@pytest.mark.parametrize("path", OF_ONE)
def test_what_is_not_there_is_told_to_committees_alone(house: House, path: str) -> None:
    assert log_in(house, "teacher").get(path).status_code == 403
    assert log_in(house, "committee").get(path).status_code == 404


def test_the_public_round_is_everybody_s(house: House) -> None:
    for who in ({}, {"learner": "s-1"}):
        client = log_in(house, *(["student"] if who else []), **who)
        assert [client.get(path).status_code for path in PUBLIC_PAGES] == [200, 404]
    assert post(log_in(house), PUBLIC_FORMS[0]).status_code == 401
    assert log_in(house, "student", learner="s-1").post(PUBLIC_FORMS[0]).status_code == 400


@pytest.mark.parametrize("path", SIGNERS_PAGES)
@pytest.mark.parametrize(
    ("role", "enters"),
    [
        ("student", False),
        ("teacher", False),
        ("registrar", False),
        ("director", True),
        ("committee", True),
        ("admin", True),
    ],
)
def test_directors_and_working_groups_see_orders(house: House, path: str, role: str, enters: bool) -> None:
    answer = log_in(house, role).get(path)
    if EVENT in path and enters:
        assert answer.status_code == 404
    else:
        assert (answer.status_code in (200, 302)) is enters


@pytest.mark.parametrize("path", [path for path, roles in FORMS if "mandates" in path])
def test_a_working_group_gives_no_mandate(house: House, path: str) -> None:
    assert post(log_in(house, "committee"), path).status_code == 403


@pytest.mark.parametrize("path", IMPORT_PAGES)
@pytest.mark.parametrize(
    ("role", "status"),
    [("student", 403), ("teacher", 403), *((role, 200) for role in ("registrar", "director", "committee"))],
)
def test_who_answers_for_courses_may_bring_them_in(house: House, path: str, role: str, status: int) -> None:
    assert log_in(house, role).get(path).status_code == status
    one = log_in(house, role).get(f"/creditbank/admin/imports/{EVENT}")
    assert one.status_code == (404 if status == 200 else 403)


@pytest.mark.parametrize("path", [path.replace(EVENT, "51") for path in REPORT_PAGES])
@pytest.mark.parametrize(
    ("role", "status"),
    [("student", 403), ("teacher", 403), ("registrar", 200), ("director", 200), ("committee", 200), ("admin", 200)],
)
def test_reports_are_for_those_who_answer_for_credits(house: House, path: str, role: str, status: int) -> None:
    client = log_in(house, role, learner="s-1" if role == "student" else None)
    assert client.get(path).status_code == status


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
