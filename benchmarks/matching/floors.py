"""What ours is measured against: words in common, and the index alone."""

import re
from collections import Counter
from collections.abc import Sequence

from benchmarks.matching.items import Outcome
from benchmarks.matching.pairs import Pair
from creditbank_plugin.rules.matching.index import Index
from creditbank_plugin.rules.matching.suggest import Course
from creditbank_plugin.rules.matching.text import all_of, normal


def words_of(text: str) -> set[str]:
    """Return the words of a text as blanks and scripts separate them; Thai is not cut into words."""
    return set(re.findall(r"[a-z0-9]+|[\u0e00-\u0e7f]+", normal(text)))


def whole(course: Course) -> str:
    """Return everything that a course says in words."""
    return all_of([course.title_th, course.title_en, course.description, *course.outcomes])


class WordOverlap:
    """Outcomes by how many words they share with a course."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._having: dict[str, list[int]] = {}
        self._ids = [each.id for each in outcomes]
        for place, each in enumerate(outcomes):
            for word in words_of(all_of([each.text_th, each.text_en, each.area])):
                self._having.setdefault(word, []).append(place)

    def ask(self, pair: Pair, limit: int) -> list[str]:
        """Return the ids of the outcomes with most words in common."""
        shared: Counter[int] = Counter()
        for word in words_of(whole(pair.course)):
            shared.update(self._having.get(word, ()))
        best = sorted(shared.items(), key=lambda each: (-each[1], each[0]))[:limit]
        return [self._ids[place] for place, _ in best]


class IndexAlone:
    """Outcomes as the index finds them for all that a course says."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def ask(self, pair: Pair, limit: int) -> list[str]:
        """Return the ids that the index finds, best first."""
        return [hit.id for hit in self._index.search(whole(pair.course), limit, least=0.0)]
