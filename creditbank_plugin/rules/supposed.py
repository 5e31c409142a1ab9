"""What if: comparisons and orders that are not entered yet, laid over those that stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from creditbank_plugin.rules.authority import Adoption, Comparison


@dataclass(frozen=True, kw_only=True)
class Supposed:
    """An act that nobody has signed yet.

    ``ended`` are comparisons that it ends, each with the first Bangkok day of completion to which it no longer applies.
    """

    comparisons: Sequence[Comparison] = ()
    adoptions: Sequence[Adoption] = ()
    ended: Mapping[str, date] = field(default_factory=dict)

    def comparisons_with(self, stored: Mapping[str, Sequence[Comparison]]) -> dict[str, list[Comparison]]:
        """Return the comparisons by course id as they would stand."""
        found = {
            course_id: [
                replace(each, ended_from=self.ended[each.id])
                if each.id in self.ended and each.ended_from is None
                else each
                for each in known
            ]
            for course_id, known in stored.items()
        }
        for each in self.comparisons:
            found.setdefault(each.course_id, []).append(each)
        return found

    def adoptions_with(self, stored: Sequence[Adoption], banks: Sequence[str]) -> list[Adoption]:
        """Return the orders of ``banks`` as they would stand."""
        return [*stored, *(each for each in self.adoptions if each.bank in banks)]
