"""Walk every chain of the ledger, and what its entries rest on, and say what is broken."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from creditbank_plugin.rules.ledger import Basis, Line, broken, unfounded
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.queries import ledger
from creditbank_plugin.storage.session import reading


def verify(runtime: Runtime, progress: Callable[[int], None] | None = None) -> dict[str, Any]:
    """Return ``{"accounts", "entries", "broken": [{"account_id", "seq", "why"}]}``; ``broken`` is empty when all is well.

    A record that no entry speaks of is a deleted chain; its place is given as ``seq`` 0.  What cannot be seen: the end
    of a chain cut off, an account deleted whole, everything hashed anew (see docs/decisions/0003).
    """
    accounts = entries = 0
    found: list[dict[str, object]] = []

    def account_of(step: tuple[Line, bytes, bytes, Basis]) -> str:
        return step[0].account_id

    with reading(runtime.engine) as connection:
        for _, chain in groupby(ledger.chains(connection), key=account_of):
            steps = list(chain)
            accounts, entries = accounts + 1, entries + len(steps)
            found += _findings(steps)
            if progress is not None:
                progress(len(steps))
        for row in ledger.records_without_entries(connection):
            found.append({"account_id": row.account_id, "seq": 0, "why": "a record has lost its entries"})
    return {"accounts": accounts, "entries": entries, "broken": found}


def _findings(steps: Sequence[tuple[Line, bytes, bytes, Basis]]) -> list[dict[str, object]]:
    """Return what is wrong with an account's chain and with what stands behind it, one finding an entry."""
    why: dict[int, list[str]] = {}
    for each in broken((line, bytes(prev), bytes(own)) for line, prev, own, _ in steps):
        why.setdefault(int(str(each["seq"])), []).append(str(each["why"]))
    for line, _, _, basis in steps:
        if reasons := unfounded(line, basis):
            why.setdefault(line.seq, []).extend(reasons)
    account_id = steps[0][0].account_id
    return [{"account_id": account_id, "seq": seq, "why": "; ".join(reasons)} for seq, reasons in sorted(why.items())]
