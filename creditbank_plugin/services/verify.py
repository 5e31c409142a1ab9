"""Walk every chain of the ledger and say what is broken."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from creditbank_plugin.rules.ledger import Line, broken
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.queries import ledger
from creditbank_plugin.storage.session import reading


def verify(runtime: Runtime, progress: Callable[[int], None] | None = None) -> dict[str, Any]:
    """Return ``{"accounts", "entries", "broken": [{"account_id", "seq", "why"}]}``; ``broken`` is empty when all is well.

    A record that no entry speaks of is a deleted chain; its place is given as ``seq`` 0.
    """
    accounts = entries = 0
    found: list[dict[str, object]] = []

    def account_of(step: tuple[Line, bytes, bytes]) -> str:
        return step[0].account_id

    with reading(runtime.engine) as connection:
        for _, chain in groupby(ledger.chains(connection), key=account_of):
            steps = [(line, bytes(prev), bytes(own)) for line, prev, own in chain]
            accounts, entries = accounts + 1, entries + len(steps)
            found += broken(steps)
            if progress is not None:
                progress(len(steps))
        for row in ledger.records_without_entries(connection):
            found.append({"account_id": row.account_id, "seq": 0, "why": "a record has lost its entries"})
    return {"accounts": accounts, "entries": entries, "broken": found}
