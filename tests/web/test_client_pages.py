"""The administrator's pages of clients: registered, looked at, given new secrets, stopped, and who let them in."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import ECKey

from creditbank_plugin.services.access import client_list, clients, consents
from tests.builders import ISSUER, OTHER_SCHOOL, PROVINCE, SCHOOL, House, Place, furnish, make_app
from tests.oauth_world import BACK, Standing, make_partner, make_public, stand
from tests.services.authorisations import exchange, is_good
from tests.web.world import found, log_in, post

pytestmark = pytest.mark.both_databases

LIST = "/creditbank/admin/clients"
NEW = f"{LIST}/new"
MACHINE: dict[str, Any] = {
    "name": "ระบบทะเบียนกลาง",
    "organisation": SCHOOL,
    "scopes": ["credits:read", "catalogue:read"],
    "kind": "confidential",
    "proof": "secret",
    "grants": ["client_credentials"],
}
ASKS = {
    **MACHINE,
    "grants": ["authorization_code", "refresh_token"],
    "redirect_uris": BACK,
    "purpose_th": "รับสมัคร",
    "purpose_en": "Admissions",
}


@pytest.fixture(scope="module")
def house(shared_place: Place) -> Iterator[House]:
    return furnish(make_app(shared_place.folder, shared_place.url))


def register(house: House, **form: Any) -> tuple[str, str | None, str]:
    """Send the form; return the new client's id, its secret and the page."""
    answer = post(log_in(house, "admin"), NEW, **form)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    secret = re.search(r'<dd class="code">([\w-]{43})</dd>', answer.text)
    return found(r'<dd class="code">(cb_\w+)</dd>', answer.text), secret and secret.group(1), answer.text


def test_a_machine_is_registered_and_its_secret_is_shown_once(house: House) -> None:
    client_id, secret, _ = register(house, **MACHINE, schools=f"{OTHER_SCHOOL}\n{PROVINCE}", per_minute="๖๐")
    assert secret is not None
    assert clients.authenticate(house.runtime, client_id, secret) is not None
    made = client_list.get(house.runtime, client_id)
    assert (made.schools, made.per_minute, made.pkce, made.scopes) == (
        *([OTHER_SCHOOL, PROVINCE], 60, True),
        ["credits:read", "catalogue:read"],
    )
    admin = log_in(house, "admin")
    for path in (LIST, f"{LIST}/{client_id}"):
        assert secret not in admin.get(path).text
    with admin.session_transaction() as session:
        assert secret not in json.dumps(dict(session))
    assert "ยังไม่เคยใช้" in admin.get(f"{LIST}/{client_id}").text


def test_a_form_that_is_sent_again_registers_nothing(house: House) -> None:
    admin = log_in(house, "admin")
    number = found(r'name="form_number" value="([\w-]+)"', admin.get(NEW).text)
    sent = {**MACHINE, "name": "ส่งสองครั้ง", "form_number": number}
    assert post(admin, NEW, **sent).status_code == 200
    again = post(admin, NEW, **sent)
    assert (again.status_code, again.location) == (303, LIST)
    assert "จึงไม่ได้ลงทะเบียนซ้ำ" in admin.get(LIST).text
    assert len(client_list.find(house.runtime, "ส่งสองครั้ง").items) == 1


def test_a_client_that_asks_learners_is_registered_and_an_excused_one_is_marked(house: House) -> None:
    client_id, _, text = register(house, **ASKS, pkce="excused")
    made = client_list.get(house.runtime, client_id)
    assert (made.pkce, made.redirect_uris, made.purpose_th) == (False, [BACK], "รับสมัคร")
    admin = log_in(house, "admin")
    for page in (text, admin.get(f"{LIST}/{client_id}").text, admin.get(LIST, query_string={"q": client_id}).text):
        assert '<span class="chip order-coming">ยกเว้น PKCE</span>' in page
    other, _, text = register(house, **ASKS)
    assert client_list.get(house.runtime, other).pkce
    assert "chip order-coming" not in text


def test_public_clients_and_those_that_sign_have_no_secret(house: House) -> None:
    public = {**ASKS, "kind": "public", "proof": "", "redirect_uris": "http://127.0.0.1:8765/callback"}
    assert register(house, **{**public, "grants": ["authorization_code"]})[1] is None
    key = ECKey.generate_key("P-256", {"kid": "k-1"})
    keys = {"keys": [key.as_dict(private=False)]}
    client_id, secret, _ = register(house, **{**MACHINE, "proof": "private_key_jwt", "jwks": json.dumps(keys)})
    assert secret is None
    shown = log_in(house, "admin").get(f"{LIST}/{client_id}").text
    assert "k-1" in shown
    assert "ออกรหัสลับใหม่" not in shown
    assert post(log_in(house, "admin"), f"{LIST}/{client_id}/rotate", turn="first").status_code == 409


def test_a_new_issuer_is_trusted_and_one_that_was_judged_stays_as_it_is(house: House) -> None:
    sends = {**MACHINE, "scopes": ["events:write"], "may_open_accounts": "yes"}
    client_id, _, text = register(house, **sends, issuer="https://new.example")
    assert "https://new.example เป็นระบบที่เชื่อถือแล้ว" in text
    assert client_list.get(house.runtime, client_id).may_open_accounts
    assert register(house, **sends, issuer=ISSUER)[2].count("เป็นระบบที่เชื่อถือแล้ว") == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "ก" * 201}, "name"),
        ({"organisation": "nowhere"}, "organisation"),
        ({"schools": f"{OTHER_SCHOOL} nowhere"}, "schools"),
        ({"schools": "9" * 20_001}, "schools"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["credits:read", "all"]}, "scopes"),
        ({"scopes": ["events:write"]}, "issuer"),
        ({"issuer": "moodle"}, "issuer"),
        ({"kind": "secret"}, "kind"),
        ({"kind": "public"}, "grants"),
        ({"proof": ""}, "proof"),
        ({"proof": "private_key_jwt"}, "jwks"),
        ({"proof": "private_key_jwt", "jwks": "not json"}, "jwks"),
        ({"proof": "private_key_jwt", "jwks": "[" * 2000}, "jwks"),
        ({"proof": "private_key_jwt", "jwks": '{"keys": []}'}, "jwks"),
        ({"proof": "private_key_jwt", "jwks": '{"keys": [{"kty": "oct", "k": "AAAA"}]}'}, "jwks"),
        ({"jwks": '{"keys": [{}]}'}, "jwks"),
        ({"grants": []}, "grants"),
        ({"grants": ["password"]}, "grants"),
        ({"grants": ["refresh_token"]}, "grants"),
        ({**ASKS, "purpose_en": ""}, "purpose_en"),
        ({**ASKS, "redirect_uris": ""}, "redirect_uris"),
        ({**ASKS, "redirect_uris": "http://agency.example/back"}, "redirect_uris"),
        ({**ASKS, "redirect_uris": f"{BACK}#x"}, "redirect_uris"),
        ({**ASKS, "kind": "public", "pkce": "excused", "grants": ["authorization_code"]}, "pkce"),
        ({"per_minute": "0"}, "per_minute"),
        ({"per_minute": "many"}, "per_minute"),
        ({"per_minute": "9" * 30}, "per_minute"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(
    house: House, changed: dict[str, Any], field: str
) -> None:
    before = len(client_list.find(house.runtime, limit=500).items)
    answer = post(log_in(house, "admin"), NEW, **{**MACHINE, **changed})
    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text
    assert len(client_list.find(house.runtime, limit=500).items) == before
    if "name" not in changed:
        assert 'value="ระบบทะเบียนกลาง"' in answer.text


def test_clients_are_found_by_words(house: House) -> None:
    mine = make_partner(house, name="หนึ่ง Alpha_100%", organisation=SCHOOL, schools=[OTHER_SCHOOL])
    make_partner(house, name="สอง Alpha", organisation=SCHOOL)

    def ids(words: str) -> set[str]:
        return {each.client_id for each in client_list.find(house.runtime, words).items}

    for words in ("หนึ่ง", "alpha_100%", mine.client_id, f"หนึ่ง {OTHER_SCHOOL}", f"{SCHOOL} หนึ่ง", "หนึ่ง credits:read"):
        assert ids(words) == {mine.client_id}, words
    assert len(ids("Alpha")) == 2
    assert ids("alpha%100") == ids("หนึ่ง nowhere") == set()
    admin = log_in(house, "admin")
    text = admin.get(LIST, query_string={"q": "หนึ่ง"}).text
    assert mine.client_id in text
    assert "และอีก 1 หน่วยงาน" in text
    assert "บนเครื่องแม่ข่าย" in text
    assert "ไม่พบระบบที่เชื่อมต่อ" in admin.get(LIST, query_string={"q": "no such client"}).text


def test_only_a_client_that_asks_learners_has_a_place_for_those_who_agreed(house: House) -> None:
    admin = log_in(house, "admin")
    assert "ยังไม่มีผู้เรียนที่ยินยอม" in admin.get(f"{LIST}/{make_partner(house).client_id}").text
    machine, _, _ = register(house, **MACHINE)
    assert 'id="grants"' not in admin.get(f"{LIST}/{machine}").text


def test_a_long_list_comes_a_page_at_a_time(house: House) -> None:
    made = [make_partner(house, name="แถวยาว").client_id for _ in range(5)]
    seen: list[str] = []
    after = None
    while True:
        page = client_list.find(house.runtime, "แถวยาว", after=after, limit=2)
        seen += [each.client_id for each in page.items]
        if page.next is None:
            break
        after = page.next
    assert len(seen) == 5
    assert set(seen) == set(made)
    text = log_in(house, "admin").get(LIST, query_string={"q": "แถวยาว", "after": "nonsense"}).text
    assert "ไปหน้าแรก" in text or "หน้าแรก" in text


def test_a_new_secret_is_shown_once_and_the_old_one_works_meanwhile(house: House) -> None:
    made = make_partner(house)
    assert made.client_secret is not None
    admin, path = log_in(house, "admin"), f"{LIST}/{made.client_id}"
    before = admin.get(path).text
    assert "รหัสลับเดิมจะใช้ได้ต่ออีก 24 ชั่วโมง" in before
    turn = html.unescape(found(r'name="turn" value="([^"]+)"', before))
    answer = post(admin, f"{path}/rotate", turn=turn)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    secret = found(r'<dd class="code">([\w-]{43})</dd>', answer.text)
    assert "รหัสลับเดิมยังใช้ได้ถึง" in answer.text
    for good in (secret, made.client_secret):
        assert clients.authenticate(house.runtime, made.client_id, good) is not None
    again = post(admin, f"{path}/rotate", turn=turn)
    assert (again.status_code, again.location) == (303, path)
    shown = admin.get(path).text
    assert "จึงไม่ได้ออกซ้ำ" in shown
    assert "รหัสลับเดิมยังใช้ได้ถึง" in shown
    assert secret not in shown
    for good in (secret, made.client_secret):
        assert clients.authenticate(house.runtime, made.client_id, good) is not None
    assert post(admin, f"{path}/rotate").status_code == 303


def test_a_stopped_client_ends_at_once_with_all_that_learners_gave(house: House) -> None:
    at = stand(house)
    issued = exchange(at, at.code())
    assert is_good(at, issued)
    admin, path = log_in(house, "admin"), f"{LIST}/{at.client.client_id}"
    assert post(admin, f"{path}/stop").location == path
    shown = admin.get(path).text
    assert "หยุดใช้งานระบบนี้แล้ว" in shown
    assert "ยืนยันหยุดใช้งาน" not in shown
    assert not is_good(at, issued)
    assert at.client.client_id in admin.get(LIST, query_string={"q": at.client.client_id}).text


def test_learners_are_counted_and_shown_by_number_and_a_grant_is_ended(house: House) -> None:
    at = stand(house)
    other = Standing(house, stand(house).person_id, at.client)
    issued, kept = exchange(at, at.code()), exchange(other, other.code())
    assert is_good(at, issued)
    admin, path = log_in(house, "admin"), f"{LIST}/{at.client.client_id}"
    shown = admin.get(path).text
    assert "มีความยินยอมที่ยังใช้ได้ 2 รายการ" in shown
    assert at.person_id in shown
    assert f"s-{at.learner}" not in shown
    (mine,) = consents.list_for_person(house.runtime, at.person_id)
    stranger = make_public(house).client_id
    assert post(admin, f"{LIST}/{stranger}/grants/{mine.id}/end").status_code == 404
    assert post(admin, f"{path}/grants/{mine.id}/end").location == path
    shown = admin.get(path).text
    assert "ยุติความยินยอมแล้ว" in shown
    assert "มีความยินยอมที่ยังใช้ได้ 1 รายการ" in shown
    assert not is_good(at, issued)
    assert is_good(other, kept)
    assert post(admin, f"{path}/grants/{mine.id}/end").status_code == 404
    assert admin.get(path, query_string={"page": "7"}).status_code == 200
    assert admin.get(path, query_string={"page": "x"}).status_code == 200


def test_a_client_that_is_not_there_is_not_found(house: House) -> None:
    admin = log_in(house, "admin")
    for name in ("cb_nobody", "x" * 60):
        assert admin.get(f"{LIST}/{name}").status_code == 404
        for act in ("rotate", "stop"):
            assert post(admin, f"{LIST}/{name}/{act}", turn="first").status_code == 404
