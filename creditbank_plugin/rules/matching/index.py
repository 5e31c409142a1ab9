"""An index in memory in which texts are found by what they are made of: parts of words, with typing errors, Thai or not.

SQLite's trigram index finds the candidates, from the most telling trigrams of what was asked; each candidate is then
weighed here.  Where SQLite has no such index every document is looked at: the same answers, slowly.
"""

import math
import sqlite3
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest

from creditbank_plugin.rules.matching.text import joined, pieces

Value = str | int | None

#: Of how many documents the trigrams of one question may be, taken together: more make an answer slow, not better.
BUDGET = 8_000
#: How many trigrams of a question are looked for.
MOST = 24
#: The same where candidates are looked for that somebody else weighs: more of the question counts for less each.
BUDGET_NEAR, MOST_NEAR = 2_500, 48
#: How many candidates are weighed at least, and how many documents a filter may leave for all of them to be.
CANDIDATES, FEW = 80, 1_500
#: A longer question is never looked for as a whole.
LONGEST_PHRASE = 60
#: What a document must hold of a question, 0 to 1, to be an answer.
LEAST = 0.3
#: What a document holds at least that has the question as it stands, inside of a word.
WHOLE = 0.6
_LAST = "\U0010ffff"


@dataclass(frozen=True)
class Field:
    """A named text of documents: what it weighs beside the others, and whether its beginning counts (a code, a title)."""

    name: str
    weight: float = 1.0
    begins: bool = False


@dataclass(frozen=True)
class Document:
    """What is to be found: its id, its texts by field, and values by which answers can be limited."""

    id: str
    texts: Mapping[str, str | None]
    filters: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Hit:
    """A document that was found; ``score`` is how well it fits, 0 to 1."""

    id: str
    score: float


@dataclass(frozen=True)
class Near:
    """A document that has something of a text: its texts as they are compared, and its filters."""

    id: str
    texts: Mapping[str, str]
    filters: Mapping[str, Value]


def trigrams_missing() -> str | None:
    """Return the version of an SQLite that has no trigram index, None where it has one."""
    try:
        with sqlite3.connect(":memory:") as connection:
            connection.execute("create virtual table t using fts5(x, tokenize='trigram')")
    except sqlite3.OperationalError:
        return sqlite3.sqlite_version
    return None


class Index:
    """Documents by what their texts are made of; several threads may use it, one at a time."""

    def __init__(self, fields: Sequence[Field], filters: Sequence[str] = ()) -> None:
        self._lock = threading.RLock()
        self._fields, self._filters = tuple(fields), tuple(filters)
        self._heaviest = max(each.weight for each in fields)
        self._by_weight = sorted(range(len(fields)), key=lambda place: -fields[place].weight)
        self._texts = [f"t{place}" for place in range(len(fields))]
        self._values = {name: f"v{place}" for place, name in enumerate(filters)}
        self._counts: dict[str, int] = {}
        self._size = self._counted = 0
        self.quick = trigrams_missing() is None
        self._connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._make()

    def _make(self) -> None:
        columns = ", ".join([*(f"{name} text not null" for name in self._texts), *self._values.values()])
        run = self._connection.execute
        run(f"create table d (n integer primary key, id text not null unique, {columns})")
        for name in self._values.values():
            run(f"create index d_{name} on d ({name})")
        for place, each in enumerate(self._fields):
            if each.begins:
                run(f"create index d_t{place} on d (t{place})")
        if self.quick:
            made = f"{', '.join(self._texts)}, content='d', content_rowid='n', tokenize='trigram'"
            run(f"create virtual table f using fts5({made})")
            run("create virtual table w using fts5vocab(f, 'row')")

    def __len__(self) -> int:
        return self._size

    def close(self) -> None:
        """Give the memory back."""
        with self._lock:
            self._connection.close()

    def put(self, documents: Iterable[Document]) -> None:
        """Add documents, in place of those that have the same ids."""
        with self._lock:
            self._connection.execute("begin")
            try:
                left = iter(documents)
                while some := list(islice(left, 1000)):
                    self._put(list({each.id: each for each in some}.values()))
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")
            self._changed()

    def _put(self, documents: Sequence[Document]) -> None:
        self._remove([each.id for each in documents])
        rows = [
            (
                each.id,
                *(f" {joined(each.texts.get(of.name) or '')} " for of in self._fields),
                *(each.filters.get(name) for name in self._filters),
            )
            for each in documents
        ]
        last = self._connection.execute("select coalesce(max(n), 0) from d").fetchone()[0]
        marks = ", ".join("?" * (2 + len(self._texts) + len(self._values)))
        numbered = [(last + place, *row) for place, row in enumerate(rows, 1)]
        self._connection.executemany(f"insert into d values ({marks})", numbered)  # noqa: S608 - our own names
        if self.quick:
            texts = ", ".join(self._texts)
            copied = f"insert into f(rowid, {texts}) select n, {texts} from d where n > ?"  # noqa: S608
            self._connection.execute(copied, (last,))

    def remove(self, ids: Iterable[str]) -> None:
        """Forget documents; ids that are not there are no matter."""
        with self._lock:
            self._connection.execute("begin")
            self._remove(list(ids))
            self._connection.execute("commit")
            self._changed()

    def _remove(self, ids: Sequence[str]) -> None:
        texts = ", ".join(self._texts)
        if self.quick:
            gone = f"insert into f(f, rowid, {texts}) select 'delete', n, {texts} from d where id = ?"  # noqa: S608
            self._connection.executemany(gone, [(each,) for each in ids])
        self._connection.executemany("delete from d where id = ?", [(each,) for each in ids])

    def _changed(self) -> None:
        self._size = self._connection.execute("select count(*) from d").fetchone()[0]
        if self.quick and abs(self._size - self._counted) * 5 > self._size:
            # Approximate from now on: which trigrams are rare does not depend on single documents.
            self._counts = dict(self._connection.execute("select term, doc from w"))
            self._counted = self._size

    def search(
        self,
        text: str,
        limit: int = 20,
        *,
        where: Mapping[str, Value | Collection[Value]] | None = None,
        least: float = LEAST,
    ) -> list[Hit]:
        """Return the documents that fit ``text`` best, best first, equal ones by id.

        ``where`` limits them to those whose filter has the value, or one of the values; ``least`` is the share of what
        was asked, 0 to 1, that a document must hold.
        """
        asked = joined(text)
        with self._lock:
            if not asked or not self._size or limit < 1:
                return []
            found = self._weighed(asked, self._candidates(asked, max(CANDIDATES, 2 * limit), _Where(self, where)))
        best = sorted(((score, name) for name, score in found if score >= least), key=lambda hit: (-hit[0], hit[1]))
        return [Hit(name, round(score, 4)) for score, name in best[:limit]]

    def near(
        self, texts: Sequence[str], limit: int, *, where: Mapping[str, Value | Collection[Value]] | None = None
    ) -> list[Near]:
        """Return up to ``limit`` documents that have the most telling trigrams of ``texts``; of ``where``, others too.

        Each text is looked for alike; long ones cost no more than short ones.  Who asks weighs what is found.
        """
        limits, spelt = _Where(self, where), [joined(text) for text in texts]
        with self._lock:
            if not self._size:
                return []
            found = self._near(spelt, limit, limits)
            told = ", ".join([*self._texts, *self._values.values()])
            listed = ", ".join(str(number) for number in found)
            rows = self._connection.execute(f"select id, {told} from d where n in ({listed})")  # noqa: S608
            names, count = [each.name for each in self._fields], len(self._fields) + 1
            return [
                Near(
                    row[0],
                    dict(zip(names, row[1:count], strict=True)),
                    dict(zip(self._filters, row[count:], strict=True)),
                )
                for row in rows
            ]

    def _near(self, texts: Sequence[str], limit: int, where: "_Where") -> set[int]:
        some: set[int] = set()
        if where.text:
            query = f"select n from d where true{where.indexed} limit {limit + 1}"  # noqa: S608 - our own names
            some = self._numbers(query, where.values)
            if len(some) <= limit:
                return some
        if not self.quick:
            found = self._all(" ".join(texts).strip(), limit, where)
        else:
            found = self._telling(texts, limit, where, BUDGET_NEAR // 2 if where.text else BUDGET_NEAR, MOST_NEAR)
        return found | set(sorted(some - found)[: max(0, limit - len(found))])

    def tells(self, sought: Iterable[str]) -> dict[str, float]:
        """Return how telling each trigram is: the fewer documents have it, the more."""
        with self._lock:
            usual, log1p, size, count = 1 + self._size / 1000, math.log1p, self._size, self._count
            return {each: log1p(size / (count(each) + usual)) for each in sought}

    def _candidates(self, asked: str, wanted: int, where: "_Where") -> set[int]:
        """Return the numbers of documents that may be the answer: all that a filter leaves, where that is few."""
        if where.text:
            query = f"select n from d where true{where.indexed} limit {FEW + 1}"  # noqa: S608 - our own names
            few = self._numbers(query, where.values)
            if len(few) <= FEW:
                return few
        found: set[int] = set()
        for place, each in enumerate(self._fields):
            if each.begins:
                begins = f"t{place} >= ? and t{place} < ?{where.text} order by t{place} limit {wanted}"
                query = f"select n from d where {begins}"  # noqa: S608
                found |= self._numbers(query, (f" {asked}", f" {asked}{_LAST}", *where.values))
        if not self.quick:
            return found | self._all(asked, wanted, where)
        if len(asked) < 3:
            return found | self._short(asked, wanted - len(found), where)
        if len(asked) <= LONGEST_PHRASE:
            for place in self._by_weight:
                if len(found) < wanted:
                    found |= self._matching(f't{place} : "{asked}"', wanted, where)
        return found | self._telling([asked], wanted, where)

    def _short(self, asked: str, wanted: int, where: "_Where") -> set[int]:
        """Look for one or two signs by all trigrams that begin with them: the index itself finds nothing for them."""
        query = "select term from w where term >= ? and term < ? limit 60"
        terms = [row[0] for row in self._connection.execute(query, (asked, asked + _LAST))]
        return self._matching(_any(terms), wanted, where) if terms and wanted > 0 else set()

    def _telling(
        self, texts: Sequence[str], wanted: int, where: "_Where", budget: int = BUDGET, most: int = MOST
    ) -> set[int]:
        """Look for the trigrams that the fewest documents have, of each text in turn, as many as are quick to look for."""
        sought = [
            sorted((count, each) for each in pieces(f" {text} ") if (count := self._count(each))) for text in texts
        ]
        counted = list(dict.fromkeys(each for turn in zip_longest(*sought) for each in turn if each is not None))
        if not counted:
            return set()
        chosen, total = [], 0
        for count, each in counted[:most]:
            if total + count <= budget:
                total += count
                chosen.append(each)
        if chosen:
            return self._matching(_any(chosen), wanted, where, ranked=True)
        counted.sort()
        for number in (4, 3, 2, 1):  # frequent ones only: documents with several of them
            told = " AND ".join(f'"{each}"' for _, each in counted[:number])
            if found := self._matching(told, wanted, where):
                return found
        return set()

    def _count(self, term: str) -> int:
        known = self._counts.get(term)
        if known is None:
            row = (
                self._connection.execute("select doc from w where term = ?", (term,)).fetchone() if self.quick else None
            )
            known = self._counts[term] = row[0] if row else 0
        return known

    def _matching(self, match: str, wanted: int, where: "_Where", *, ranked: bool = False) -> set[int]:
        joining = " cross join d on d.n = f.rowid" if where.text else ""
        weights = ", ".join(str(each.weight) for each in self._fields)
        order = f" order by bm25(f, {weights})" if ranked else ""
        query = f"select f.rowid from f{joining} where f match ?{where.text}{order} limit {wanted}"  # noqa: S608
        return self._numbers(query, (match, *where.values))

    def _all(self, asked: str, wanted: int, where: "_Where") -> set[int]:
        """Look at every document, without an index: those with most of the trigrams."""
        looked = pieces(f" {asked} ")[: 2 * MOST] if len(asked) > 2 else [asked]
        if not asked:
            return set()
        text = " || ".join(self._texts)
        held = " + ".join(f"(instr({text}, ?) > 0)" for _ in looked)
        query = f"select n from d where {held} > 0{where.text} order by {held} desc, n limit {wanted}"  # noqa: S608
        return self._numbers(query, (*looked, *where.values, *looked))

    def _numbers(self, query: str, values: Sequence[Value]) -> set[int]:
        return {row[0] for row in self._connection.execute(query, values)}

    def _weighed(self, asked: str, numbers: Iterable[int]) -> Iterable[tuple[str, float]]:
        """Yield each candidate's id and how well it fits."""
        sought = pieces(f" {asked} ") if len(asked) > 2 else [asked]
        tells = list(self.tells(sought).items())
        total = sum(weight for _, weight in tells)
        told = ", ".join(self._texts)
        listed = ", ".join(str(number) for number in numbers)
        for name, *texts in self._connection.execute(f"select id, {told} from d where n in ({listed})"):  # noqa: S608
            yield name, self._fit(asked, tells, texts) / total

    def _fit(self, asked: str, tells: Sequence[tuple[str, float]], texts: Sequence[str]) -> float:
        """Return how much of what is sought a document holds; in its heaviest field, whole and alone is best."""
        held, best, whole = 0.0, 0.0, 0.0
        left = list(tells)
        for place in self._by_weight:
            text, missing, found = texts[place], [], 0.0
            for each in left:
                if each[0] in text:
                    found += each[1]
                else:
                    missing.append(each)
            weight = self._fields[place].weight / self._heaviest
            held += found * weight
            if asked in text:
                tight = 0.1 * min(1.0, len(asked) / (len(text) - 2))
                best = max(best, weight * (0.1 + tight + (0.05 if text.startswith(f" {asked}") else 0)))
                whole = max(whole, weight)
            left = missing
        # A part of a word lacks the trigrams of its ends, most of what a short question has: it is found all the same.
        return max(held, WHOLE * whole * sum(weight for _, weight in tells)) * (0.75 + best)


def _any(terms: Iterable[str]) -> str:
    return " OR ".join(f'"{each}"' for each in terms)


class _Where:
    """A filter as SQL: the conditions that follow others, and their values; only the first of ``indexed`` uses an index."""

    def __init__(self, index: Index, wanted: Mapping[str, Value | Collection[Value]] | None) -> None:
        self.text, self.indexed = "", ""
        self.values: list[Value] = []
        for name, told in (wanted or {}).items():
            column = index._values[name]
            several: list[Value] = [told] if told is None or isinstance(told, str | int) else list(told)
            asks = "is ?" if len(several) == 1 else f"in ({', '.join('?' * len(several))})"
            if len(several) > 1 and None in several:
                raise ValueError("nothing is no value among others: ask for it alone")
            self.text += f" and +d.{column} {asks}"
            self.indexed += f" and {'+' if self.indexed else ''}d.{column} {asks}"
            self.values += several
