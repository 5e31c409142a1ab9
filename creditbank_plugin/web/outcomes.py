"""How the outcomes of a record are shown: in the order of their codes, each source said once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from creditbank_plugin.reference.frameworks import frameworks
from creditbank_plugin.rules.catalogue import reading_order
from creditbank_plugin.services.views import Outcome, Record
from creditbank_plugin.web.show import address
from creditbank_plugin.web.words import t, word


@dataclass
class Source:
    """Where outcomes of one framework are from: its name, how good the source is (a key of ``evidence``), addresses."""

    framework: str
    evidence: str | None
    said: str | None
    places: list[str] = field(default_factory=list)


def in_order(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return outcomes by framework and code, numbers in codes by their size."""
    return sorted(outcomes, key=lambda each: (each.framework, reading_order(each.code)))


def recorded(records: Iterable[Record]) -> int:
    """Return how many outcomes stand recorded without credit, each counted once."""
    standing = [record for record in records if record.scheme == "none" and record.state == "available"]
    return len({outcome.id for record in standing for outcome in record.outcomes})


def sources(outcomes: Iterable[Outcome]) -> list[Source]:
    """Return what the outcomes' texts rest on, one for each framework and quality of source."""
    found: dict[tuple[str, str | None, str | None], Source] = {}
    for outcome in in_order(outcomes):
        origin = outcome.source or ""
        copied = origin.startswith("github:")
        said = t("source.copied") if copied else None if address(origin.split(" ")[0]) else (origin or t("source.none"))
        key = (word("framework", outcome.framework), None if copied else _evidence().get(outcome.id), said)
        known = found.setdefault(key, Source(*key))
        if origin and said != origin and origin not in known.places:
            known.places.append(origin)
    return list(found.values())


@cache
def _evidence() -> dict[str, str]:
    return {item.id: item.evidence for framework in frameworks() for item in framework.items if item.evidence}
