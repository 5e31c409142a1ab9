"""What the desk enters, under one name: courses, outcomes, comparisons, orders; and what waits for a person."""

from collections.abc import Sequence

from creditbank_plugin.services.adopting.adoption_register import adoptions
from creditbank_plugin.services.adopting.adoptions import adopt
from creditbank_plugin.services.catalogue.aliases import (
    add_course,
    alias,
    aliases,
    courses,
    known_codes,
    mapped,
    unknown_courses,
)
from creditbank_plugin.services.catalogue.frameworks import all_frameworks, items, load_frameworks
from creditbank_plugin.services.comparing.comparisons import approve_comparison, comparisons, end_comparison, may_end
from creditbank_plugin.services.organisations import (
    add_bank,
    add_organisation,
    banks,
    issuers,
    organisations,
    trust_issuer,
)
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.base import Stored
from creditbank_plugin.storage.queries import ledger
from creditbank_plugin.storage.session import reading

__all__ = [
    "add_bank",
    "add_course",
    "add_organisation",
    "adopt",
    "adoptions",
    "alias",
    "aliases",
    "all_frameworks",
    "approve_comparison",
    "banks",
    "comparisons",
    "courses",
    "end_comparison",
    "issuers",
    "items",
    "known_codes",
    "load_frameworks",
    "mapped",
    "may_end",
    "organisations",
    "reviews",
    "tasks",
    "trust_issuer",
    "unknown_courses",
]


def tasks(runtime: Runtime) -> Sequence[Stored]:
    """Return what waits for a person, oldest first."""
    with reading(runtime.engine) as connection:
        return ledger.open_tasks(connection)


def reviews(runtime: Runtime) -> Sequence[Stored]:
    """Return records under review: their last entry, the course, since when and by which message (``review_cause``)."""
    with reading(runtime.engine) as connection:
        return ledger.under_review(connection)
