"""Share the partitions out among the workers that live."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.keep import PARTITIONS
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import leases
from creditbank_plugin.storage.session import writing


@dataclass(frozen=True)
class Share:
    """The partitions a worker has: those it settles in batches, and those it tries one message at a time first."""

    trusted: tuple[int, ...] = ()
    suspect: tuple[int, ...] = ()


def share_out(runtime: Runtime, worker: int, name: str, living: Collection[int]) -> Share:
    """Take this worker's part of the partitions, give back what is too much, and return what it has now.

    Its part is all of them divided by the workers that live, rounded up: together they have them all.  What a worker left
    that does not live any more is taken as suspect.
    """
    with writing(runtime.engine) as connection:
        found = leases.all_leases(connection, range(PARTITIONS))
        mine = [row.partition for row in found if row.worker == worker]
        part = -(-PARTITIONS // max(1, len({*living, worker})))
        if len(mine) > part:
            leases.give_back(connection, worker, mine[part:])
        elif len(mine) < part:
            free, left = _free(found, {*living, worker})
            free = free[: part - len(mine)]
            me: dict[str, Any] = {"worker": worker, "holder": name, "since": runtime.clock()}
            leases.take(connection, [each for each in free if each in left], **me, suspect=True)
            leases.take(connection, [each for each in free if each not in left], **me, suspect=False)
        else:
            return _share(found, worker)
        return _share(leases.all_leases(connection, range(PARTITIONS)), worker)


def _free(found: Sequence[Stored], living: set[int]) -> tuple[list[int], set[int]]:
    """Return the partitions that nobody living has, and which of them somebody died with."""
    left = {row.partition for row in found if row.worker is not None and row.worker not in living}
    return [row.partition for row in found if row.worker is None or row.partition in left], left


def _share(found: Sequence[Stored], worker: int) -> Share:
    mine = [row for row in found if row.worker == worker]
    return Share(
        tuple(row.partition for row in mine if not row.suspect), tuple(row.partition for row in mine if row.suspect)
    )


def clear(runtime: Runtime, worker: int, partitions: Collection[int]) -> None:
    """Say that these partitions are no longer suspect: what their last holder was working on has been tried."""
    with writing(runtime.engine) as connection:
        leases.clear(connection, worker, partitions)


def give_back(runtime: Runtime, worker: int) -> None:
    """Give everything back: this worker ends in order."""
    with writing(runtime.engine) as connection:
        leases.give_back(connection, worker)
