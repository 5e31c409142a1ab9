"""How long something takes, and how figures are told."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Figures = dict[str, Any]
_PARTS = {"p50_ms": 0.5, "p90_ms": 0.9, "p99_ms": 0.99}


def timed(work: Callable[[], Any]) -> float:
    """Return how many seconds ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def percentiles(seconds: Sequence[float]) -> dict[str, float | None]:
    """Return median, 90th and 99th percentile and the longest in milliseconds; None for each where nothing was measured."""
    ordered = sorted(seconds)
    if not ordered:
        return dict.fromkeys((*_PARTS, "max_ms"))
    found = {name: ordered[min(len(ordered) - 1, int(len(ordered) * part))] for name, part in _PARTS.items()}
    return {name: round(each * 1000, 3) for name, each in {**found, "max_ms": ordered[-1]}.items()}


def rate(number: float, seconds: float) -> float:
    """Return how many a second, whole where there are many."""
    found = number / seconds
    return round(found) if found >= 100 else round(found, 1)


def ratio(ours: float, floor: float) -> float:
    """Return what part of the floor's rate ours is."""
    return round(ours / floor, 3)


def table(figures: Mapping[str, Any], within: str = "") -> list[str]:
    """Return figures as lines: the name with the names above it, and the figure."""
    lines: list[str] = []
    for name, value in figures.items():
        if isinstance(value, Mapping):
            lines += table(value, f"{within}{name}.")
        elif isinstance(value, list):
            told = ["  ".join(f"{key} {one}" for key, one in each.items()) for each in value]
            lines += [f"{within + name:44} {each}" for each in told]
        else:
            lines.append(f"{within + name:44} {value}")
    return lines
