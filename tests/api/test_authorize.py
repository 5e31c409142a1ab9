"""The authorization endpoint over HTTP: whom it leads where, what it shows, and what it never does."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from creditbank_hooks import HostUser, LearnerIdentity
from creditbank_plugin.services import accounts
from creditbank_plugin.services.access import clients, consents
from tests.api.builders import make_house
from tests.builders import ISSUER, House, Place
from tests.oauth_world import BACK, OAUTH, SITE, Agency, answer_of, hidden, make_partner, settle_in

AUTHORIZE = f"{OAUTH}/authorize"


def test_the_learner_reads_who_wants_what_for_how_long_and_agrees(agency: Agency) -> None:
    browser = agency.log_in()
    shown = browser.get(AUTHORIZE, query_string=agency.request())
    for said in ("ระบบรับสมัครทดลอง", "โรงเรียน 9951000002", "ใช้ประกอบการรับสมัคร", "หน่วยกิตของคุณ", "agency.example"):
        assert said in shown.text
    assert "<h1>คุณยินยอมให้ “ระบบรับสมัครทดลอง” ดูหน่วยกิตของคุณหรือไม่</h1>" in shown.text
    assert "ยกเลิกได้ทุกเมื่อที่หน้า “ใครดูหน่วยกิตของฉันได้บ้าง”" in shown.text
    assert re.search(r"ถึงวันที่ \d+ \S+ 25\d\d", shown.text)
    assert "<script" not in shown.text
    answer = answer_of(browser.post(AUTHORIZE, data={**hidden(shown.text), "decision": "agree"}))
    assert answer.keys() == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == ("st-1", SITE)
    issued = agency.exchange(answer["code"])
    assert issued.status_code == 200
    assert issued.get_json()["scope"] == "credits:read"


def test_the_page_speaks_english_too(agency: Agency) -> None:
    shown = agency.log_in().get(AUTHORIZE, query_string={**agency.request(), "lang": "en"})
    assert "To process an application" in shown.text
    assert re.search(r"Until \d+ [A-Z][a-z]+ 20\d\d", shown.text)


def test_a_client_may_wish_for_a_language_and_the_visitor_chooses(agency: Agency) -> None:
    browser, asked = agency.log_in(), agency.request()

    def language(**more: str) -> str:
        shown = browser.get(AUTHORIZE, query_string={**asked, **more})
        found = re.search(r'<html lang="(..)"', shown.text)
        assert found is not None
        return found[1]

    assert [language(ui_locales=each) for each in ("", "fr", "en", "fr en-GB th", "th en", "EN")] == [
        *("th", "th", "en", "en", "th", "en")
    ]
    assert language(lang="th", ui_locales="en") == "th"
    assert language(ui_locales="en") == "th", "what the visitor chose stays"
    agency.house.user.now = None
    led = agency.house.app.test_client().get(AUTHORIZE, query_string={**asked, "ui_locales": "en"}).location
    assert "ui_locales=en" in parse_qs(urlsplit(led).query)["next"][0], "kept through the log-in"


def test_the_page_is_framed_by_nobody_kept_by_nobody_and_leads_only_to_the_client(
    agency: Agency, program: Agency
) -> None:
    headers = agency.log_in().get(AUTHORIZE, query_string=agency.request()).headers
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https:;" in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert "no-store" in headers["Cache-Control"]
    policy = program.log_in().get(AUTHORIZE, query_string=program.request()).headers["Content-Security-Policy"]
    assert "form-action 'self' https: http://127.0.0.1:8765;" in policy
    home = agency.log_in().get("/creditbank/").headers["Content-Security-Policy"]
    assert "form-action 'self';" in home


def test_a_learner_who_refuses_sends_the_client_away_with_its_state(agency: Agency) -> None:
    for decision in ("refuse", "", "nonsense"):
        answer = answer_of(agency.decide(agency.log_in(), decision))
        assert answer == {"error": "access_denied", "state": "st-1", "iss": SITE}
    assert consents.list_for_client(agency.house.runtime, agency.client.client_id) == []


def test_nobody_agrees_without_the_token_of_the_page(agency: Agency) -> None:
    browser = agency.log_in()
    shown = hidden(browser.get(AUTHORIZE, query_string=agency.request()).text)
    for token in (None, "", "forged"):
        sent = {**shown, "decision": "agree", "creditbank_token": token}
        answer = browser.post(AUTHORIZE, data={name: value for name, value in sent.items() if value is not None})
        assert answer.status_code == 400
        assert "Location" not in answer.headers
    stranger = agency.house.app.test_client()
    assert stranger.post(AUTHORIZE, data={**shown, "decision": "agree"}).status_code == 400
    assert consents.list_for_client(agency.house.runtime, agency.client.client_id) == []


def test_a_page_that_one_learner_read_is_not_answered_by_another(agency: Agency) -> None:
    browser = agency.log_in()
    shown = hidden(browser.get(AUTHORIZE, query_string=agency.request()).text)
    other = settle_in(agency.house, agency.client)
    other.log_in()
    again = browser.post(AUTHORIZE, data={**shown, "decision": "agree"})
    assert again.status_code == 200
    assert consents.list_for_client(agency.house.runtime, agency.client.client_id) == []
    assert "code" in answer_of(browser.post(AUTHORIZE, data={**hidden(again.text), "decision": "agree"}))


def test_nobody_logged_in_is_led_to_the_log_in_and_back(agency: Agency) -> None:
    agency.house.user.now = None
    browser = agency.house.app.test_client()
    answer = browser.get(AUTHORIZE, query_string=agency.request())
    assert answer.status_code == 302
    assert answer.location.startswith("/login?next=")
    back = parse_qs(urlsplit(answer.location).query)["next"][0]
    agency.log_in()
    assert "ระบบรับสมัครทดลอง" in browser.get(back).text


def test_a_log_in_that_lets_nobody_in_does_not_lead_in_a_circle(agency: Agency) -> None:
    agency.house.user.now = None
    browser = agency.house.app.test_client()
    led = browser.get(AUTHORIZE, query_string=agency.request()).location
    assert browser.get(parse_qs(urlsplit(led).query)["next"][0]).status_code == 401


def test_after_the_log_in_a_page_leads_on_whom_agreed_before(agency: Agency) -> None:
    agency.decide(agency.log_in())
    agency.house.user.now = None
    browser = agency.house.app.test_client()
    led = browser.get(AUTHORIZE, query_string=agency.request()).location
    agency.log_in()
    shown = browser.get(parse_qs(urlsplit(led).query)["next"][0])
    assert shown.status_code == 200
    wait, _, address = shown.headers["Refresh"].partition("; url=")
    assert wait == "0"
    assert shown.text.count(f'href="{address.replace("&", "&amp;")}"') == 1
    told = parse_qs(urlsplit(address).query)
    assert (told["state"], told["iss"]) == (["st-1"], [SITE])
    assert agency.exchange(told["code"][0]).status_code == 200


def test_a_request_that_is_wrong_never_reaches_the_log_in(agency: Agency) -> None:
    agency.house.user.now = None
    ask = agency.house.app.test_client().get
    answer = answer_of(ask(AUTHORIZE, query_string=agency.request(scope="nonsense")))
    assert (answer["error"], answer["state"], answer["iss"]) == ("invalid_scope", "st-1", SITE)
    assert ask(AUTHORIZE, query_string=agency.request(redirect_uri="https://evil.example")).status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://evil.example/back"},
        {"redirect_uri": f"{BACK}/x", "response_type": "token"},
        {"client_id": "cb_nobody"},
        {"client_id": None},
        {"client_id": "x" * 5000},
        {"redirect_uri": [BACK, "https://evil.example/back"]},
    ],
)
def test_what_cannot_be_trusted_is_told_on_a_page_and_leads_nowhere(agency: Agency, changed: dict[str, str]) -> None:
    browser = agency.log_in()
    for lang, said in (("th", "คำขอดูหน่วยกิตไม่ถูกต้อง"), ("en", "This request to share credits is not valid")):
        answer = browser.get(AUTHORIZE, query_string={**agency.request(**changed), "lang": lang})
        assert answer.status_code == 400
        assert "Location" not in answer.headers
        assert said in answer.text
        assert "evil.example" not in re.sub(r'href="[^"]*lang=[^"]*"', "", answer.text)


def test_errors_for_the_client_keep_the_query_of_its_address(agencies: House) -> None:
    back = "https://agency.example/back?tenant=7"
    agency = settle_in(agencies, make_partner(agencies, redirect_uris=[back]), back)
    answer = agency.log_in().get(AUTHORIZE, query_string=agency.request(response_type="token"))
    told = parse_qs(urlsplit(answer.location).query)
    assert (told["tenant"], told["error"]) == (["7"], ["unsupported_response_type"])
    assert "code" in parse_qs(urlsplit(agency.decide(agency.log_in()).location).query)


def test_state_comes_back_as_it_was(agency: Agency) -> None:
    state = 'ก&code=forged #?/+%20"<b>'
    assert answer_of(agency.decide(agency.log_in(), state=state))["state"] == state
    assert "state" not in answer_of(agency.decide(agency.log_in(), prompt="consent", state=None))


def test_consent_is_remembered_for_a_client_that_is_known_for_sure(agency: Agency) -> None:
    browser = agency.log_in()
    agency.decide(browser)
    again = answer_of(browser.get(AUTHORIZE, query_string=agency.request(state="st-2")))
    assert again["state"] == "st-2"
    assert agency.exchange(again["code"]).status_code == 200
    silent = answer_of(browser.get(AUTHORIZE, query_string=agency.request(prompt="none")))
    assert "code" in silent
    assert browser.get(AUTHORIZE, query_string=agency.request(prompt="consent")).status_code == 200
    (shared,) = consents.list_for_client(agency.house.runtime, agency.client.client_id)
    consents.end(agency.house.runtime, shared.id, "user:u-1")
    assert browser.get(AUTHORIZE, query_string=agency.request()).status_code == 200


def test_a_program_that_anybody_can_play_is_never_let_in_without_a_page(program: Agency) -> None:
    browser = program.log_in()
    program.decide(browser)
    assert browser.get(AUTHORIZE, query_string=program.request()).status_code == 200
    silent = answer_of(browser.get(AUTHORIZE, query_string=program.request(prompt="none")), program.back)
    assert silent["error"] == "consent_required"


def test_without_a_page_the_client_is_told_what_it_would_need(agency: Agency) -> None:
    agency.house.user.now = None
    browser = agency.house.app.test_client()
    silent = agency.request(prompt="none")
    assert answer_of(browser.get(AUTHORIZE, query_string=silent))["error"] == "login_required"
    agency.log_in()
    assert answer_of(browser.get(AUTHORIZE, query_string=silent))["error"] == "consent_required"
    agency.house.user.now = HostUser(id="u-2", roles=frozenset({"admin"}))
    assert answer_of(browser.get(AUTHORIZE, query_string=silent))["error"] == "access_denied"


def test_who_does_not_learn_is_told_so(agency: Agency) -> None:
    agency.house.user.now = HostUser(id="u-2", roles=frozenset({"admin"}))
    answer = agency.house.app.test_client().get(AUTHORIZE, query_string=agency.request())
    assert answer.status_code == 403
    assert "ไม่ใช่บัญชีของผู้เรียน" in answer.text


def test_a_learner_without_an_account_opens_it_by_agreeing_and_by_nothing_else(agency: Agency) -> None:
    agency.learner = "a new one"
    identity = LearnerIdentity(issuer=ISSUER, id=agency.learner)
    assert answer_of(agency.decide(agency.log_in(), "refuse"))["error"] == "access_denied"
    silent = agency.log_in().get(AUTHORIZE, query_string=agency.request(prompt="none"))
    assert answer_of(silent)["error"] == "consent_required"
    assert accounts.person_of(agency.house.runtime, identity) is None
    token = agency.tokens()["access_token"]
    found = accounts.person_of(agency.house.runtime, identity)
    assert found is not None
    assert found.state == "active"
    assert agency.call("introspect", token=token).get_json()["sub"] == found.id


def test_where_the_hosts_learners_get_no_accounts_they_are_told_so(place: Place) -> None:
    house = make_house(place, CREDITBANK_HOST_OPENS_ACCOUNTS="0")
    agency = Agency(house, "a new one", make_partner(house))
    answer = agency.log_in().get(AUTHORIZE, query_string=agency.request())
    assert answer.status_code == 403
    assert "ยังไม่มีบัญชีในธนาคารหน่วยกิต" in answer.text


def test_a_request_may_come_as_a_form(agency: Agency) -> None:
    browser = agency.log_in()
    led = browser.post(AUTHORIZE, data=agency.request())
    assert led.status_code == 303
    assert "ระบบรับสมัครทดลอง" in browser.get(led.location).text
    answer = browser.post(AUTHORIZE, data=agency.request(response_type="token"))
    assert answer.status_code == 303
    assert answer_of(answer)["error"] == "unsupported_response_type"
    twice = browser.post(AUTHORIZE, data=agency.request(scope=["credits:read", "credits:read"]))
    assert answer_of(twice)["error"] == "invalid_request"


def test_what_is_in_the_address_does_not_change_what_the_form_said(agency: Agency) -> None:
    browser = agency.log_in()
    shown = hidden(browser.get(AUTHORIZE, query_string=agency.request()).text)
    other = {"redirect_uri": "https://evil.example", "client_id": "cb_other"}
    answer = browser.post(AUTHORIZE, data={**shown, "decision": "agree"}, query_string=other)
    assert "code" in answer_of(answer)


def test_a_form_that_was_changed_is_refused_as_a_request_would_be(agency: Agency) -> None:
    browser = agency.log_in()
    shown = hidden(browser.get(AUTHORIZE, query_string=agency.request()).text)
    changed = {**shown, "decision": "agree", "redirect_uri": "https://evil.example"}
    assert browser.post(AUTHORIZE, data=changed).status_code == 400
    changed = {**shown, "decision": "agree", "scope": "credits:read events:read"}
    assert answer_of(browser.post(AUTHORIZE, data=changed))["error"] == "invalid_scope"


def test_a_client_that_is_revoked_while_the_learner_reads_gets_nothing(agency: Agency) -> None:
    browser = agency.log_in()
    shown = hidden(browser.get(AUTHORIZE, query_string=agency.request()).text)
    clients.revoke(agency.house.runtime, agency.client.client_id)
    assert browser.post(AUTHORIZE, data={**shown, "decision": "agree"}).status_code == 400


def test_the_apps_own_scheme_is_led_to(agencies: House) -> None:
    back = "th.example.app:/back"
    app = settle_in(agencies, make_partner(agencies, kind="public", proof="none", redirect_uris=[back]), back)
    browser = app.log_in()
    policy = browser.get(AUTHORIZE, query_string=app.request()).headers["Content-Security-Policy"]
    assert "form-action 'self' https: th.example.app:;" in policy
    assert "code" in answer_of(app.decide(browser), back)


def test_without_an_address_of_a_log_in_the_visitor_is_told(place: Place) -> None:
    house = make_house(place)
    agency = settle_in(house, make_partner(house))
    house.user.now = None
    assert house.app.test_client().get(AUTHORIZE, query_string=agency.request()).status_code == 401


def test_the_public_address_is_the_issuer(place: Place) -> None:
    house = make_house(place, CREDITBANK_PUBLIC_URL="https://bank.example/")
    agency = settle_in(house, make_partner(house))
    assert answer_of(agency.decide(agency.log_in()))["iss"] == "https://bank.example/creditbank"
