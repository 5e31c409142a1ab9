"""An index in memory of what a table holds, one in each process, which never answers from what is no longer so.

Whoever changes the table raises its generation (see `storage.queries.generations`).  Before each search the index asks by
one row whether it is still true, and reads the rows that were changed since.  A process that serves reads it early (see
`services.warming`).
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import Connection, Engine

from creditbank_plugin.rules.matching.index import Document, Field, Index
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.queries import generations
from creditbank_plugin.storage.session import reading

#: What a table holds that was changed after a generation, or all of it (None): documents, and ids of what is to be
#: forgotten.
Read = Callable[[Connection, int | None], Iterator[Document | str]]
#: How many rows are put in at once.
_SOME = 2_000


@dataclass
class _State:
    """The index of one database, and the generation that it is true for."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    index: Index | None = None
    generation: int = -1


class KeptIndex:
    """The index of one table, by its ``name`` among the generations; one for each database that the process has open."""

    def __init__(self, name: str, fields: Sequence[Field], filters: Sequence[str], read: Read) -> None:
        self._name, self._fields, self._filters, self._read = name, fields, filters, read
        self._states: WeakKeyDictionary[Engine, _State] = WeakKeyDictionary()
        self._lock = threading.Lock()
        _kept.add(self)

    def of(self, runtime: Runtime) -> Index:
        """Return the index as the database is now; call it outside a transaction.

        Whoever comes first waits until all of the table is read (some seconds at 100,000 rows), whoever comes after a
        change until what was changed is read.
        """
        with self._lock:
            state = self._states.setdefault(runtime.engine, _State())
        with state.lock, reading(runtime.engine) as connection:
            now = generations.current(connection, self._name)
            # An earlier generation than the one known: another database stands in this one's place, a backup of it.
            known = state.generation if state.index is not None and now >= state.generation else None
            index = Index(self._fields, self._filters) if known is None or state.index is None else state.index
            if known != now:
                changed = self._read(connection, known)
                while some := list(islice(changed, _SOME)):
                    index.remove([each for each in some if isinstance(each, str)])
                    index.put([each for each in some if not isinstance(each, str)])
                state.index, state.generation = index, now
            return index

    def forget(self) -> None:
        """Begin anew: what another process was reading when this one was forked from it is read by half, and locked."""
        self._states, self._lock = WeakKeyDictionary(), threading.Lock()


_kept: "WeakSet[KeptIndex]" = WeakSet()


def _forget_the_parents_indexes() -> None:
    for index in _kept:
        index.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_the_parents_indexes)
