"""How often somebody may guess: counted by name and address before anything is compared, right or wrong."""

from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from creditbank_plugin.rules.rate import Stand
from creditbank_plugin.services.rates import MEMORY, Rates
from creditbank_plugin.services.runtime import Runtime

#: Tries in a minute: for one name from one address; for one name from everywhere, and for all names of one address.
PAIR, WIDE = 10, 100
_KIND = "login"


class Throttle:
    """Counts tries where calls of the API are counted (setting ``rate_storage``); while that fails, in this process.

    A limit of the API lets everybody in while nobody can count; a log-in must not.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime, self._own = runtime, Rates(MEMORY)

    def seconds(self, name: str, address: str) -> int:
        """Count a try; return for how many seconds there may be no other, 0 where this one may be."""
        address = _network(address)
        who = sha256(name.encode("utf-8", "replace")).hexdigest()[:32]  # what is typed is no key of a shared storage
        # What one count refuses, the next never sees: somebody who hammers from one address locks nobody out elsewhere.
        for quota, *key in ((PAIR, "pair", who, address), (WIDE, "address", address), (WIDE, "name", who)):
            stand = self._count(quota, *key)
            if not stand.allowed:
                return stand.seconds
        return 0

    def _count(self, quota: int, *key: str) -> Stand:
        stand = self._runtime.rates.count(quota, _KIND, *key) or self._own.count(quota, _KIND, *key)
        assert stand is not None  # noqa: S101 - memory never fails
        return stand


def _network(address: str) -> str:
    """Return whom an address stands for: of IPv6 whoever has one has the 64 bits behind it too."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return address
