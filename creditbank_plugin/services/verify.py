"""Walk every chain of the ledger, and what its entries rest on, and say what is broken."""

from collections.abc import Callable
from itertools import groupby
from operator import attrgetter
from typing import Any

from creditbank_plugin.rules.ledger import broken
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.queries import chains, ledger
from creditbank_plugin.storage.session import reading


def verify(runtime: Runtime, progress: Callable[[int], None] | None = None) -> dict[str, Any]:
    """Return ``{"accounts", "entries", "broken": [{"account_id", "seq", "why"}]}``; ``broken`` is empty when all is well.

    A record that no entry speaks of is a deleted chain; its place is given as ``seq`` 0.  What cannot be seen: the end
    of a chain cut off, an account deleted whole, everything hashed anew: a signed checkpoint that was kept elsewhere
    shows those (`services.against`).
    """
    accounts = entries = 0
    found: list[dict[str, object]] = []
    with reading(runtime.engine) as connection:
        for _, chain in groupby(chains.chains(connection), key=attrgetter("account_id")):
            steps = list(chain)
            accounts, entries = accounts + 1, entries + len(steps)
            found += broken(steps)
            if progress is not None:
                progress(len(steps))
        for row in ledger.records_without_entries(connection):
            found.append({"account_id": row.account_id, "seq": 0, "why": "a record has lost its entries"})
    return {"accounts": accounts, "entries": entries, "broken": found}
