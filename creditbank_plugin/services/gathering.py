"""Work that many ask for at once is done together: those who come while one works are served together by the next.

One commit, one reading of the rules and one round of statements then serve them all.  Nobody waits for company: who comes
alone is served alone, at once.  Nobody waits for ever either: where the one at work hangs (in a plugin, say), the others do
their work alone.  So the same work may be done twice, and must be such that this does no harm.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock, get_ident
from typing import Generic, TypeVar

#: How long a caller waits for the one at work before it does its work alone; a round takes some hundredths of a second.
PATIENCE_SECONDS = 5.0
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


@dataclass(eq=False)
class _Place(Generic[Asked, Answer]):
    """A caller in the row; ``turn`` is set when it is answered, or is to serve the row, or must do its work alone."""

    asked: Asked
    size: int
    turn: Event = field(default_factory=Event)
    answer: list[Answer] = field(default_factory=list)
    alone: bool = False


class Gathering(Generic[Asked, Answer]):
    """A row of callers of whom one at a time works, for itself and for those behind it."""

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock = Lock()
        self._row: list[_Place[Asked, Answer]] = []
        self._serving = self._late = False  # late: somebody has waited in vain for the one at work
        self._at_work: int | None = None

    def join(
        self, asked: Asked, work: Callable[[Sequence[Asked]], Sequence[Answer]], *, size: int = 1, most: int = 100
    ) -> Answer:
        """Return what ``work`` answers to ``asked``, done here or by another caller; at most ``most`` sizes at once.

        ``work`` answers each of what it is given in its place.  Where it raises, each of those it was done for does it
        alone, so that what is wrong with one call is never told to another.
        """
        if self._process != os.getpid():
            self._begin()  # in a forked process: who was at work there is not here
        if self._late or self._at_work == get_ident():  # the latter: a plugin of this very round sends something
            return work([asked])[0]
        place: _Place[Asked, Answer] = _Place(asked, size)
        with self._lock:
            self._row.append(place)
            waits, self._serving = self._serving, True
        try:
            if waits and not place.turn.wait(self._patience):
                self._leave(place)
        except BaseException:  # a signal, or a server that ends this thread
            self._abandon(place)
            raise
        if not place.answer and not place.alone:
            self._serve(work, most)
        return place.answer[0] if place.answer else work([asked])[0]

    def _leave(self, place: _Place[Asked, Answer]) -> None:
        """Let a caller who has waited too long do its work alone, unless its turn has come in this very moment."""
        with self._lock:
            if not place.turn.is_set():
                place.alone = self._late = True
                self._row = [each for each in self._row if each is not place]

    def _abandon(self, place: _Place[Asked, Answer]) -> None:
        """Take a caller out of the row who will not come back; if it was to work next, the one behind it does."""
        with self._lock:
            if place not in self._row:
                return
            leads = place.turn.is_set()
            self._row = [each for each in self._row if each is not place]
            if leads:
                self._hand_over()

    def _hand_over(self) -> None:
        self._serving = bool(self._row)
        if self._row:
            self._row[0].turn.set()

    def _serve(self, work: Callable[[Sequence[Asked]], Sequence[Answer]], most: int) -> None:
        with self._lock:
            number = self._fitting(most)
            served, self._row = self._row[:number], self._row[number:]
            self._at_work = get_ident()
        try:
            for place, answer in zip(served, work([each.asked for each in served]), strict=True):
                place.answer.append(answer)
        except Exception:
            if len(served) == 1:
                raise
        finally:
            # Also when a signal ends this thread: the others go on.
            for place in served:
                place.alone = place.alone or not place.answer
                place.turn.set()
            with self._lock:
                self._at_work, self._late = None, False
                self._hand_over()

    def _fitting(self, most: int) -> int:
        """Return how many from the head of the row fit into ``most``; one at least."""
        total = 0
        for number, place in enumerate(self._row):
            total += place.size
            if number and total > most:
                return number
        return len(self._row)
