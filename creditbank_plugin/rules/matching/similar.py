"""How alike two courses are, as far as a comparison of the one may help to compare the other."""

from creditbank_plugin.rules.matching import place
from creditbank_plugin.rules.matching.text import joined, likeness

#: Courses less alike than this say nothing about one another.
LEAST = 0.5
#: What is left where the courses are of other learning areas, school years or groups of levels.
_OTHER_AREA, _OTHER_YEAR, _OTHER_GROUP = 0.3, 0.5, 0.7
#: The same code is the same course in another edition or school, unless the titles speak against it.
_SAME_CODE = 0.9


def alike(one: tuple[str, str, str | None, str | None], other: tuple[str, str, str | None, str | None]) -> float:
    """Return how alike two courses are, 0 to 1; each is its code, Thai and English title, and level group."""
    (code, title, english, group), (its_code, its_title, its_english, its_group) = one, other
    found = likeness(place.numberless(title), place.numberless(its_title))
    if english and its_english:
        found = max(found, likeness(place.numberless(english), place.numberless(its_english)))
    if joined(code) == joined(its_code):
        return max(found, _SAME_CODE) if found > LEAST / 2 else found
    here = place.of_course(code, group, (title, english))
    there = place.of_course(its_code, its_group, (its_title, its_english))
    if here.area and there.area and here.area != there.area:
        found *= _OTHER_AREA
    if here.years and there.years and not here.years & there.years:
        found *= _OTHER_YEAR
    elif group and its_group and group != its_group:
        found *= _OTHER_GROUP
    return found
