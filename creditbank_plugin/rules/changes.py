"""What a change is called outside: by the same words in the feed and in webhooks."""

from collections.abc import Mapping
from typing import Any

#: The news of `creditbank_hooks.news` by the type that others know it by.
TYPES: Mapping[str, str] = {
    "credit_posted": "credit.posted",
    "credit_reversed": "credit.reversed",
    "credit_withheld": "credit.withheld",
    "statement_issued": "statement.issued",
}
_IDS = ("account_id", "record_id", "event_id", "statement_id")


def ids_of(value: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the ids of a piece of news, None for what it does not name; nothing else of it leaves the house unasked."""
    return {name: value.get(name) for name in _IDS}
