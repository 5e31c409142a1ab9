"""Addresses that may be asked for something we rely on."""

from urllib.parse import urlsplit

from creditbank_plugin.rules.client import is_loopback


def is_safe_address(address: str) -> bool:
    """Tell whether nobody on the way can change what stands at an address: https, or http on this very machine.

    Without user, query and fragment, and in plain signs; names of this machine are not taken, they may lie.
    """
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises where it is none
    except ValueError:
        return False
    plain = address.isascii() and address.isprintable() and not any(sign in address for sign in " \\?#")
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    return plain and safe and bool(parts.hostname) and parts.username is None
