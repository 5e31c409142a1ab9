"""An act that nobody has signed yet, as a value and as JSON: what a forecast is asked about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any

from creditbank_plugin.rules.authority import Adoption, Comparison

#: When something that is not approved yet was approved: after everything that is.
_NOT_YET = datetime(9999, 1, 1, tzinfo=UTC)
#: What differs between two drafts of one act, and changes nothing about what it does.
_PASSING = {"approved_at", "id", "order_number", "signatory", "ordered_on"}


@dataclass(frozen=True, kw_only=True)
class Act:
    """Something that nobody has signed yet: exactly one of the three.

    ``comparison`` is to be approved, ending the comparisons of ``ended`` from the day named on; ``orders`` are to be signed
    together; ``withdrawn`` is the id of a comparison whose credit would go under review.
    """

    comparison: Comparison | None = None
    ended: Mapping[str, date] = field(default_factory=dict)
    orders: Sequence[Adoption] = ()
    withdrawn: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the act as it is kept, without what differs between two drafts of the same."""
        return {
            "comparison": _told(self.comparison, {"approved_at"}) if self.comparison is not None else None,
            "ended": {each: day.isoformat() for each, day in sorted(self.ended.items())},
            "orders": [_told(each, _PASSING) for each in self.orders],
            "withdrawn": self.withdrawn,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Act":
        """Return an act from what `to_json` wrote."""
        comparison = None
        if kept["comparison"] is not None:
            comparison = Comparison(**_read(kept["comparison"]), approved_at=_NOT_YET)
        papers: dict[str, Any] = {"order_number": "", "signatory": "", "ordered_on": date.max}
        return cls(
            comparison=comparison,
            ended={each: date.fromisoformat(day) for each, day in kept["ended"].items()},
            orders=[Adoption(**_read(each), **papers, id=str(place)) for place, each in enumerate(kept["orders"])],
            withdrawn=kept["withdrawn"],
        )


def _told(value: Comparison | Adoption, without: set[str]) -> dict[str, Any]:
    told = {each.name: getattr(value, each.name) for each in fields(value) if each.name not in without}
    return {name: _plain(each) for name, each in told.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _read(told: Mapping[str, Any]) -> dict[str, Any]:
    days = {
        name: date.fromisoformat(value)
        for name, value in told.items()
        if value is not None and (name.startswith("applies_") or name.endswith("_from"))
    }
    outcomes = {"outcomes": tuple(told["outcomes"])} if "outcomes" in told else {}
    return {**told, **days, **outcomes}
