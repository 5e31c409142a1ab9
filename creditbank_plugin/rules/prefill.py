"""What a course itself says about its terms, to begin a draft with; a person decides."""

import re
from decimal import Decimal
from typing import Any

from creditbank_plugin.rules.hours import SCHEMES, credits_from_hours, hundredths
from creditbank_plugin.rules.terms import HOURS, MOST_CREDITS, Terms

_TPN = re.compile(r"\s*(\d{1,2})\s*-\s*(\d{1,3}|\*)\s*-\s*(\d{1,2}(?:\.\d)?)\s*")
#: The currency of each sector or level group, where there is no doubt about it.
_SCHEME_OF = {"lower_secondary": "basic", "diploma": "vocational"}


def from_course(course: Any) -> Terms:
    """Return the terms that follow from a course's own columns: hours by kind, and credits where the course states them.

    Stated credits are the น of ท-ป-น; hours of basic education give credits by BE-H1 where that leaves nothing over.
    """
    hours = {kind: amount for kind in HOURS if (amount := getattr(course, f"hours_{kind}", None)) is not None}
    stated = _TPN.fullmatch(course.tpn or "")
    if stated is not None:
        return Terms(scheme="vocational", credits=min(hundredths(stated[3]), MOST_CREDITS), hours=hours)
    scheme = course.sector if course.sector in SCHEMES else _SCHEME_OF.get(course.level_group or "")
    if scheme == "basic" and course.hours:
        result = credits_from_hours("basic", Decimal(course.hours) / 100)
        if result is not None and not result.rounded and result.credits <= MOST_CREDITS:
            return Terms(scheme="basic", credits=result.credits, credits_rule=result.rule, hours=hours)
    return Terms(scheme=scheme, hours=hours)
