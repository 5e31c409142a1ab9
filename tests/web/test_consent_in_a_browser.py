"""The page on which a learner decides, in a real browser: no fault that axe can find, and its buttons lead to the client."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import flask
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from creditbank_hooks import HostUser, LearnerIdentity
from tests.builders import ISSUER, House, furnish, make_app
from tests.conftest import close, databases
from tests.oauth_world import LOOPBACK, OAUTH, Agency, make_partner, make_public, settle_in
from tests.serving import at_work
from tests.web.browser import FORMS, Look
from tests.web.world import serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """On SQLite alone: what a browser is sent does not depend on the database."""
    folder = tmp_path_factory.mktemp("consent")
    with databases(request, folder) as make:
        made = furnish(make_app(folder, make("sqlite"), CREDITBANK_LOGIN_URL="/login"))
        made.app.add_url_rule("/login", "login", partial(log_in_page, made), methods=["GET", "POST"])
        yield made
        close(made)


def log_in_page(house: House) -> Any:
    """A host's log-in under a strict policy: whoever presses its button is the learner that the test means."""
    if flask.request.method == "POST":
        house.user.now = HostUser(id="u-1", learner=LearnerIdentity(issuer=ISSUER, id=house.ids["learner"]))
        return flask.redirect(flask.request.args["next"], 303)
    form = "<!doctype html><title>log in</title><form method=post><button>log in</button></form>"
    return form, 200, {"Content-Security-Policy": "form-action 'self'"}


def path(agency: Agency, **changed: Any) -> str:
    return f"{OAUTH}/authorize?{urlencode(agency.request(**changed))}"


@FORMS
def test_the_pages_have_no_fault_that_axe_can_find(
    house: House, chromium: Any, axe: str, lang: str, width: int
) -> None:
    agency, program = settle_in(house, make_partner(house)), settle_in(house, make_public(house), LOOPBACK)
    with serving(house) as address:
        look = Look(chromium, axe, address, lang, width)
        agency.log_in()
        look.at(
            path(agency), path(program), path(agency, redirect_uri="https://evil.example"), path(agency, client_id="x")
        )
        house.user.now = HostUser(id="u-2", roles=frozenset({"admin"}))
        look.at(path(agency))
        look.close()


class Listener(ThreadingHTTPServer):
    """A client that waits for its code; ``leads_to`` is where it sends the browser on."""

    leads_to: str | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[str] = []


class Answer(BaseHTTPRequestHandler):
    server: Listener

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(302 if self.server.leads_to else 200)
        if self.server.leads_to:
            self.send_header("Location", self.server.leads_to)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def listening(secure: ssl.SSLContext | None = None) -> Iterator[Listener]:
    server = Listener()
    if secure is not None:
        server.socket = secure.wrap_socket(server.socket, server_side=True)
    with at_work(server):
        yield server


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as server:
        yield server


@pytest.mark.parametrize(("button", "told"), [("ยินยอม", "code"), ("ไม่ยินยอม", "error")])
def test_each_button_leads_to_a_program_on_the_learners_machine(
    house: House, chromium: Any, listener: Listener, button: str, told: str
) -> None:
    """Chromium holds every redirect after a form against the page's ``form-action``."""
    back = f"http://127.0.0.1:{listener.server_port}/callback"
    program = settle_in(house, make_public(house, redirect_uris=[back]), back)
    program.log_in()
    with serving(house) as address:
        page = chromium.new_page()
        page.goto(address + path(program))
        page.get_by_role("button", name=button, exact=True).click()
        page.wait_for_url(f"{back}**", timeout=10_000)
        page.close()
    sent = parse_qs(urlsplit(listener.asked[0]).query)
    assert told in sent
    assert sent["iss"] == [f"{address}/creditbank"]
    assert sent["state"] == ["st-1"]


def certificate(folder: Path) -> ssl.SSLContext:
    """A certificate that a machine signed for itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = folder / "certificate.pem"
    file.write_bytes(
        made.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_client_behind_https_may_lead_on_to_another_address_of_its_own(
    house: House, chromium: Any, tmp_path: Path
) -> None:
    """As a broker of log-ins does: the browser holds every further redirect against the page's policy, too."""
    secure = certificate(tmp_path)
    with listening(secure) as portal, listening(secure) as broker:
        back = f"https://127.0.0.1:{broker.server_port}/back"
        broker.leads_to = f"https://127.0.0.1:{portal.server_port}/in"
        agency = settle_in(house, make_partner(house, redirect_uris=[back]), back)
        agency.log_in()
        with serving(house) as address:
            context = chromium.new_context(ignore_https_errors=True)
            page = context.new_page()
            page.goto(address + path(agency))
            page.get_by_role("button", name="ยินยอม", exact=True).click()
            page.wait_for_url(broker.leads_to, timeout=10_000)
            context.close()
        assert portal.asked[0] == "/in"


@pytest.mark.parametrize("agreed", [False, True])
def test_a_log_in_whose_form_may_lead_to_its_own_site_only_leads_on(
    house: House, chromium: Any, listener: Listener, agreed: bool
) -> None:
    back = f"http://127.0.0.1:{listener.server_port}/callback"
    agency = settle_in(house, make_partner(house, redirect_uris=[back]), back)
    if agreed:
        agency.code()
    house.user.now, house.ids["learner"] = None, agency.learner
    with serving(house) as address:
        page = chromium.new_page()
        page.goto(address + path(agency))
        page.get_by_role("button", name="log in").click()
        if not agreed:
            page.get_by_role("button", name="ยินยอม", exact=True).click()
        page.wait_for_url(f"{back}**", timeout=10_000)
        page.close()
    assert "code=" in listener.asked[0]


def test_the_page_works_without_javascript_and_by_keyboard(house: House, chromium: Any, listener: Listener) -> None:
    back = f"http://127.0.0.1:{listener.server_port}/callback"
    program = settle_in(house, make_public(house, redirect_uris=[back]), back)
    program.log_in()
    with serving(house) as address:
        context = chromium.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(address + path(program))
        page.get_by_role("button", name="ยินยอม", exact=True).focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"{back}**", timeout=10_000)
        context.close()


def test_the_page_is_shown_in_no_frame_of_another_site(house: House, chromium: Any, listener: Listener) -> None:
    agency = settle_in(house, make_partner(house))
    agency.log_in()
    with serving(house) as address:
        page = chromium.new_page()
        page.goto(f"http://127.0.0.1:{listener.server_port}/")
        page.evaluate(
            "url => { const made = document.createElement('iframe'); made.src = url; document.body.append(made); }",
            address + path(agency),
        )
        page.wait_for_timeout(1500)
        assert all("ระบบรับสมัครทดลอง" not in frame.content() for frame in page.frames)
        page.close()
