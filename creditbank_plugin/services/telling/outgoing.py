"""One request to an address that others chose: it goes to the very IP address that was looked at, and ends in time.

Names are resolved here, every address of theirs must be allowed, and the connection is made to one of those: a name that
leads elsewhere a moment later changes nothing.  TLS, SNI and the Host header still go by the name.
"""

import socket
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from creditbank_plugin.rules.webhook import Target, forbidden, may_be_told
from creditbank_plugin.rules.whole import whole
from creditbank_plugin.services.wires import Wire, within

__all__ = ["Answer", "addresses", "post"]


@dataclass(frozen=True)
class Answer:
    """What came of a request: the status, or a word of `rules.webhook.FAULTS`; ``again_after`` as the other side asks."""

    status: int | None
    fault: str | None
    again_after: int | None = None


def addresses(target: Target, *, private: bool) -> list[str]:
    """Return the IP addresses of a host; ``Refused`` (422) where one of them may not be told, OSError for no address."""
    if target.literal:
        found = [target.host]
    else:
        told = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        found = list(dict.fromkeys(str(each[4][0]) for each in told))
    if not found or not all(may_be_told(each, private=private) for each in found):
        raise forbidden()
    if not target.secure and not all(each == "::1" or each.startswith("127.") for each in found):
        raise forbidden()
    return found


def post(url: str, address: str, body: bytes, headers: dict[str, str], *, seconds: float) -> Answer:
    """Send ``body`` to ``url`` at the IP ``address``; nothing of the answer but its head is read.

    ``seconds`` is how long connecting and each wait may take, and twice that the whole: who answers a byte at a time is
    cut off.  Redirects are not followed, proxies and ``.netrc`` of the environment not asked.
    """
    wire = _Wire(address)
    try:
        with within(2 * seconds, wire), requests.Session() as session:
            session.trust_env = False
            session.mount("http://", _Pinned(wire))
            session.mount("https://", _Pinned(wire))
            made = session.post(
                url, data=body, headers=headers, timeout=(seconds, seconds), allow_redirects=False, stream=True
            )
            made.close()
            # Cut off amid its head, an answer looks as if it had ended there.
            return Answer(None, "timeout") if wire.was_cut else _told(made)
    except requests.exceptions.SSLError:
        return Answer(None, "timeout" if wire.was_cut else "tls")
    except requests.exceptions.Timeout:
        return Answer(None, "timeout")
    except requests.exceptions.RequestException:
        return Answer(None, "timeout" if wire.was_cut else "unreachable")


def _told(made: requests.Response) -> Answer:
    after = made.headers.get("Retry-After", "")
    again_after = whole(after, 7)
    if 200 <= made.status_code < 300:
        return Answer(made.status_code, None)
    fault = "redirect" if 300 <= made.status_code < 400 else "status"
    return Answer(made.status_code, fault, again_after)


class _Wire(Wire):
    """A connection to one address."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def open(self, port: int, timeout: Any) -> socket.socket:
        made = socket.socket(socket.AF_INET6 if ":" in self._address else socket.AF_INET, socket.SOCK_STREAM)
        try:
            made.settimeout(timeout)
            made.connect((self._address, port))
        except OSError as error:
            made.close()
            self.was_cut = self.was_cut or isinstance(error, TimeoutError)
            raise
        return self.hold(made)


class _Pinned(HTTPAdapter):
    """Connects to the one address that was looked at, whatever the name says meanwhile."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        wire = self._wire

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return wire.open(self.port or 80, self.timeout)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return wire.open(self.port or 443, self.timeout)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
