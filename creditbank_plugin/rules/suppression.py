"""Small numbers of people are not shown, nor anything they could be worked out from.

No national rule was found that names a number: the least that is shown is a setting of the installation, and every report
says so.  Three means keep small numbers apart:

- *Together*: whatever counts or measures a group of people (learners, completions, records, credits) is shown or hidden
  as one, by the number of people in the group.
- *Beside a total*: where parts add up to a total that is shown, further parts are hidden with the small ones, until what
  is left of the total says nothing of them (`hidden`).
- *Sums of what is shown*: a total over provinces adds only what each of them shows (`of_shown`).

Nobody is not a small number of people: a nought is shown where nothing else follows from it.
"""

from collections.abc import Collection, Iterable, Sequence

#: The least that an installation may set: of "less than 2" everybody knows that it is one.
LEAST = 3


def is_small(people: int, least: int) -> bool:
    """Tell whether a group is too small to be spoken of: somebody, but fewer than ``least``."""
    return 0 < people < least


def hidden(people: Sequence[int], least: int) -> frozenset[int]:
    """Return the places of the parts of a shown total that must not be shown; ``people`` are those behind each part.

    With the small ones others are hidden, in their order, until (a) there are people enough in all hidden together for
    each small one to be any small number, beside one group that may be spoken of and at least one person in every other
    part, and (b) one of them is such a group.  Both look at the number of hidden parts and at their sum, which a reader
    can compute anyway: knowing this rule tells nothing more.  Where all parts of somebody do not come to that, the noughts
    are hidden too: of three parts that are no noughts a total of 3 tells all.
    """
    gone = {place for place, number in enumerate(people) if is_small(number, least)}
    if not gone:
        return frozenset()
    for place, number in enumerate(people):
        if _is_enough(gone, people, least):
            break
        if number >= least:
            gone.add(place)
    return frozenset(gone) if _is_enough(gone, people, least) else frozenset(range(len(people)))


def _is_enough(gone: Collection[int], people: Sequence[int], least: int) -> bool:
    """Tell whether the hidden parts together could be anything."""
    wanted = (least - 1) + least + (len(gone) - 2)
    return sum(people[each] for each in gone) >= wanted and any(people[each] >= least for each in gone)


def of_shown(numbers: Iterable[int | None]) -> int:
    """Return the sum of what is shown; a hidden number (None) adds nothing."""
    return sum(number for number in numbers if number is not None)
