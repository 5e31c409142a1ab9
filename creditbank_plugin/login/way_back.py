"""Where a log-in leads: back to the page of this site that asked for it, never to another host."""

from urllib.parse import urlsplit


def is_ours(target: str) -> bool:
    """Tell whether ``target`` is an address of this site, read as browsers read it: a path from the root, with its query.

    Browsers drop tabs and line ends anywhere and read a backslash as a slash (WHATWG URL section 4.4), so that ``/\\evil``
    and ``/<tab>/evil`` name a host as ``//evil`` does.
    """
    if not target.startswith("/") or target.startswith("//") or "\\" in target:
        return False
    if not target.isprintable() or " " in target:
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc
