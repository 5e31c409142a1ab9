"""Which addresses secrets and tokens may travel to, and how they are put together."""

from ipaddress import ip_address
from urllib.parse import quote, urlsplit


def trusted(address: str) -> str:
    """Return an address as it is; ValueError for one that is neither https nor on this very machine (RFC 9700 2.6)."""
    parts = urlsplit(address)
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address holds no user name and no password")
    if parts.scheme == "https" and parts.hostname:
        return address
    if parts.scheme == "http" and _is_here(parts.hostname or ""):
        return address
    raise ValueError(f"not an https address: {parts.scheme}://{parts.hostname or ''}")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def well_known(name: str, of: str) -> str:
    """Return where the metadata of an address stands: between its host and its path (RFC 8414 3.1, RFC 9728 3.1)."""
    parts = urlsplit(of)
    return f"{parts.scheme}://{parts.netloc}/.well-known/{name}{parts.path.rstrip('/')}"


def path_of(*segments: str) -> str:
    """Return a path of segments, each quoted so that it stays one; ValueError for an empty one, and for ``.`` and ``..``."""
    if any(segment in ("", ".", "..") for segment in segments):
        raise ValueError("a part of the address is empty")
    return "".join(f"/{quote(segment, safe=':')}" for segment in segments)


def shown(address: str) -> str:
    """Return an address as it may stand in a log: without query and fragment, which can name people."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"
