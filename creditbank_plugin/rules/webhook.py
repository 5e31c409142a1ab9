"""Webhooks without network: which addresses may be told, when a message is tried again, and why one failed."""

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from creditbank_plugin.errors import Refused

LONGEST_URL = 2000
#: The first wait, how it grows with each try, and the longest.
_FIRST, _GROWTH, _LONGEST = timedelta(seconds=30), 4, timedelta(hours=12)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
#: IPv6 that carries another address within, or is translated into one on the way (RFC 6890, 6052, 4291).
_CARRIERS = [
    ipaddress.ip_network(each) for each in ("::/96", "::ffff:0:0/96", "64:ff9b::/32", "2001::/32", "2002::/16")
]
#: Where clouds keep a machine's metadata outside of what is link-local: AWS, Google and Azure.
_METADATA = [ipaddress.ip_network(each) for each in ("fd00:ec2::/32", "fd20:ce::/32", "168.63.129.16/32")]
_UNICAST = ipaddress.ip_network("2000::/3")

#: Why a message was not taken: what is kept with it, never a text of the other side.
FAULTS: Mapping[str, tuple[str, str]] = {
    "status": ("ปลายทางตอบว่าไม่รับ", "The address answered with a status that is not 2xx."),
    "redirect": ("ปลายทางให้ไปที่อยู่อื่น ซึ่งระบบไม่ตามไป", "The address redirects, which is not followed."),
    "timeout": ("ปลายทางไม่ตอบทันเวลา", "The address did not answer in time."),
    "unreachable": ("ติดต่อปลายทางไม่ได้", "The address could not be reached."),
    "tls": ("ใบรับรองของปลายทางใช้ไม่ได้", "The certificate of the address is not good."),
    "name_unknown": ("ไม่พบชื่อเครื่องปลายทาง", "The name of the address leads nowhere."),
    "address_refused": ("ที่อยู่นี้ส่งไปไม่ได้", "To this address nothing may be sent."),
    "key_missing": ("เปิดรหัสลับของการแจ้งนี้ไม่ได้", "The secret that signs could not be opened."),
    "internal": ("ระบบขัดข้องระหว่างส่ง", "Something broke while it was sent."),
    "ended": ("การแจ้งนี้เลิกใช้แล้ว", "The subscription has ended."),
}
#: Those after which the address is left alone for a while: another message would fare no better.
SILENT = frozenset({"timeout", "unreachable", "tls", "name_unknown"})


@dataclass(frozen=True)
class Target:
    """An address that was understood: ``secure`` for https; ``literal`` where the host is an IP address."""

    host: str
    port: int
    secure: bool
    literal: bool


def may_be_told(address: str, *, private: bool) -> bool:
    """Tell whether messages may go to an IP address.

    Public ones, and with ``private`` also loopback and private ones; never link-local ones or others where clouds keep their
    metadata, multicast, unspecified or reserved ones, nor IPv6 that carries another address.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if ip.is_multicast or ip.is_unspecified or ip.is_link_local or "%" in address:
        return False
    if any(ip in each for each in _METADATA):
        return False
    if private and (ip.is_loopback or _is_private_network(ip)):
        return True
    if isinstance(ip, ipaddress.IPv6Address) and (ip not in _UNICAST or any(ip in each for each in _CARRIERS)):
        return False
    return ip.is_global and not ip.is_reserved


def _is_private_network(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    networks = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
    return any(ip in ipaddress.ip_network(each) for each in networks)


def target_of(url: str, *, ports: Collection[int], private: bool) -> Target:
    """Understand the address of a subscription; ``Refused`` (422, field ``url``) says what is wrong with it.

    https only, a port of ``ports``, no name and password, no fragment; a host that is a name or an IP address written in
    full, never in a short, octal, decimal or hexadecimal form.  With ``private`` any port, and http to what is loopback.
    """
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or set(url) & set(' \\"<>^`{|}'):
        raise _wrong(
            "ต้องเป็น URL ที่เขียนด้วยอักขระ ASCII ไม่เกิน 2,000 ตัว", "It must be a URL in ASCII, 2,000 characters at most."
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _wrong("อ่าน URL นี้ไม่ได้", "This URL cannot be read.") from None
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise _wrong("ต้องขึ้นต้นด้วย https://", "It must begin with https://.")
    if "@" in parts.netloc:
        raise _wrong("ห้ามใส่ชื่อผู้ใช้หรือรหัสผ่านใน URL", "It must hold no user name or password.")
    if "#" in url:
        raise _wrong("ห้ามมีส่วน # ใน URL", "It must have no fragment.")
    secure = parts.scheme == "https"
    port = port if port is not None else 443 if secure else 80
    if port == 0 or (not private and port not in ports):
        told = ", ".join(str(each) for each in sorted(ports))
        raise _wrong(f"ใช้ได้เฉพาะพอร์ต {told}", f"Only these ports may be used: {told}.")
    return _with_host(host or "", port, secure, private)


def _with_host(host: str, port: int, secure: bool, private: bool) -> Target:
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        labels = host.lower().removesuffix(".").split(".")
        if len(host) > 253 or not all(_LABEL.fullmatch(each) for each in labels) or _NUMBER.fullmatch(labels[-1]):
            raise _wrong(
                "ชื่อเครื่องใน URL ไม่ถูกต้อง", "The host is neither a name nor an IP address written in full."
            ) from None
        if not secure and host != "localhost":
            raise _wrong("ใช้ http ได้เฉพาะเครื่องนี้เอง", "http is for this very machine only.") from None
        return Target(host, port, secure, literal=False)
    if not may_be_told(host, private=private):
        raise forbidden()
    if not secure and not literal.is_loopback:
        raise _wrong("ใช้ http ได้เฉพาะเครื่องนี้เอง", "http is for this very machine only.")
    return Target(host, port, secure, literal=True)


def wait_after(attempts: int, chance: float) -> timedelta:
    """Return how long to wait after so many tries: 30 seconds, each time four times as long, 12 hours at most.

    ``chance`` (0 to 1) spreads it from half of that to half as much again, so that not all come back at once.
    """
    wait = _FIRST * int(_GROWTH ** min(attempts - 1, 12))
    return min(wait, _LONGEST) * (0.5 + chance)


def forbidden() -> Refused:
    """Return the refusal of an address inside somebody's network."""
    return _wrong("ที่อยู่นี้อยู่ในเครือข่ายภายใน ส่งไปไม่ได้", "This address is in a private network; nothing is sent there.")


def _wrong(th: str, en: str) -> Refused:
    return Refused("url_refused", th, en, field="url")
