"""A request to an address that others chose goes where it was looked at, nowhere else, and ends in time."""

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules.webhook import Target
from creditbank_plugin.services.telling import outgoing
from tests.services.receiver import receiving

HOST = Target("hooks.example", 443, secure=True, literal=False)


def leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name lead to these addresses; return the names that are asked for."""
    asked: list[str] = []

    def lookup(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


@contextmanager
def speaking(say: Callable[[socket.socket], None]) -> Iterator[int]:
    """Accept connections and let ``say`` deal with each; yields the port."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                made, _ = server.accept()
            except OSError:
                return
            with made:
                try:
                    say(made)
                except OSError:
                    continue

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.close()


def send(port: int, *, seconds: float = 0.5, path: str = "") -> outgoing.Answer:
    return outgoing.post(f"http://127.0.0.1:{port}/{path}", "127.0.0.1", b"{}", {}, seconds=seconds)


@pytest.mark.parametrize(
    "inside", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.9", "224.0.0.1", "::ffff:10.0.0.1", "::1"]
)
def test_a_name_that_leads_inside_is_refused_also_where_it_leads_outside_too(
    monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    for found in ((inside,), ("8.8.8.8", inside)):
        leads_to(monkeypatch, *found)
        with pytest.raises(Refused) as refusal:
            outgoing.addresses(HOST, private=False)
        assert refusal.value.code == "url_refused"
    leads_to(monkeypatch, "8.8.8.8", "1.1.1.1", "8.8.8.8")
    assert outgoing.addresses(HOST, private=False) == ["8.8.8.8", "1.1.1.1"]


def test_http_goes_to_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Target("localhost", 80, secure=False, literal=False)
    leads_to(monkeypatch, "127.0.0.1")
    assert outgoing.addresses(plain, private=True) == ["127.0.0.1"]
    leads_to(monkeypatch, "192.168.1.1")
    with pytest.raises(Refused):
        outgoing.addresses(plain, private=True)


def test_a_name_that_leads_elsewhere_a_moment_later_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver:
        asked = leads_to(monkeypatch, "127.0.0.1")
        url = f"http://hooks.example:{receiver.port}/hook"
        found = outgoing.addresses(Target("hooks.example", receiver.port, secure=False, literal=False), private=True)
        leads_to(monkeypatch, "127.9.9.9")
        answer = outgoing.post(url, found[0], b'{"data": {"id": "1"}}', {}, seconds=5)
    assert (answer.status, answer.fault) == (204, None)
    assert receiver.heard[0][0]["Host"] == f"hooks.example:{receiver.port}"
    assert asked == ["hooks.example"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    with receiving() as elsewhere, receiving(answer=lambda _: status, headers={"Location": elsewhere.url}) as receiver:
        answer = send(receiver.port, seconds=5)
    assert (answer.status, answer.fault) == (status, "redirect")
    assert (len(receiver.heard), elsewhere.heard) == (1, [])


def test_proxies_and_passwords_of_the_environment_are_not_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with receiving() as receiver:
        assert send(receiver.port, seconds=5).fault is None
    assert "Authorization" not in receiver.heard[0][0]


def test_who_says_nothing_is_left_after_a_while() -> None:
    with speaking(lambda _: time.sleep(3)) as port:
        began = time.monotonic()
        assert send(port).fault == "timeout"
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("drop", [b"H", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nA: "])
def test_who_answers_a_byte_at_a_time_is_cut_off(drop: bytes) -> None:
    def drip(made: socket.socket) -> None:
        made.sendall(drop)
        for _ in range(60):
            made.sendall(b"a")
            time.sleep(0.1)

    with speaking(drip) as port:
        began = time.monotonic()
        assert send(port).fault in ("timeout", "unreachable")
    assert time.monotonic() - began < 3


def test_a_long_answer_is_not_read() -> None:
    sent: list[int] = []

    def flood(made: socket.socket) -> None:
        made.recv(65_536)
        made.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            sent.append(made.send(b"x" * 65_536))

    with speaking(flood) as port:
        assert send(port, seconds=5).fault is None
    time.sleep(0.1)
    assert sum(sent) < 20_000_000


def test_what_is_not_there_or_speaks_no_http_is_told_apart_by_no_text() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert send(port) == outgoing.Answer(None, "unreachable")
    with speaking(lambda made: made.sendall(b"220 mail.example ESMTP\r\n")) as port:
        assert send(port) == outgoing.Answer(None, "unreachable")


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for hooks.example, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hooks.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, key_file = tmp_path / "cert.pem", tmp_path / "key.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file, key_file


@contextmanager
def tls(certificate: tuple[Path, Path], named: list[str | None]) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    context.sni_callback = lambda _socket, name, _context: named.append(name)

    def say(made: socket.socket) -> None:
        with context.wrap_socket(made, server_side=True) as inner:
            told = b""
            # Head and body may come apart, and closing with a part unread would take our answer back.
            while not told.endswith(b"{}") and (more := inner.recv(65_536)):
                told += more
            inner.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with speaking(say) as port:
        yield port


def test_tls_goes_by_the_name_though_the_address_is_pinned(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[str | None] = []
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate[0]))
    with tls(certificate, named) as port:
        good = outgoing.post(f"https://hooks.example:{port}/", "127.0.0.1", b"{}", {}, seconds=5)
        other = outgoing.post(f"https://other.example:{port}/", "127.0.0.1", b"{}", {}, seconds=5)
    assert (good.status, good.fault) == (204, None)
    assert (other.status, other.fault) == (None, "tls")
    assert named == ["hooks.example", "other.example"]


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: tuple[Path, Path]) -> None:
    with tls(certificate, []) as port:
        assert outgoing.post(f"https://hooks.example:{port}/", "127.0.0.1", b"{}", {}, seconds=5).fault == "tls"


def test_a_handshake_that_never_ends_is_cut_off() -> None:
    def drip(made: socket.socket) -> None:
        for _ in range(60):
            made.sendall(b"\x16\x03\x03\x40\x00" if _ == 0 else b"\x02")
            time.sleep(0.1)

    with speaking(drip) as port:
        began = time.monotonic()
        answer = outgoing.post(f"https://hooks.example:{port}/", "127.0.0.1", b"{}", {}, seconds=0.5)
    assert answer.fault in ("timeout", "tls", "unreachable")
    assert time.monotonic() - began < 3
