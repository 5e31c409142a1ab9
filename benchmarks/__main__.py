"""``python -m benchmarks [PART …] [--on sqlite|postgresql] [--events N] [--batch N] [--json]``.

Parts: ``settle`` (with its floor, and verify), ``growth``, ``http`` (single, batches, xAPI, reading), ``start``; all of
them where none is named.  Databases are new, durable, and gone afterwards; PostgreSQL is started from Debian's programs.
"""

import argparse
import json
from collections.abc import Mapping
from typing import Any

from benchmarks.http import over_http
from benchmarks.places import databases
from benchmarks.settling import growth, settling
from benchmarks.start import summary

PARTS = ("settle", "growth", "http", "start")
STEPS = (10_000, 100_000, 1_000_000)


def main() -> None:
    """Measure, and print a table or JSON."""
    options = argparse.ArgumentParser(prog="python -m benchmarks")
    options.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    options.add_argument("--on", choices=("sqlite", "postgresql"), default="sqlite")
    options.add_argument("--events", type=int, default=10_000)
    options.add_argument("--batch", type=int, default=200)
    options.add_argument("--records", type=int, default=100_000, help="up to how many records growth goes")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    unknown = set(chosen.parts) - set(PARTS)
    if unknown:
        options.error(f"no such part: {', '.join(sorted(unknown))}")
    parts = chosen.parts or PARTS
    figures: dict[str, Any] = {"database": chosen.on}
    with databases(chosen.on) as (make, folder):
        if "settle" in parts:
            figures["settle"] = settling(make, folder, chosen.events, chosen.batch)
        if "growth" in parts:
            steps = [step for step in STEPS if step <= chosen.records]
            figures["growth"] = growth(make, folder, steps, 2000, chosen.batch)
        if "http" in parts:
            figures["http"] = over_http(make, folder, singles=2000, batches=50, reads=1000)
        if "start" in parts:
            figures["start"] = summary(make, folder)
    if chosen.json:
        print(json.dumps(figures))
    else:
        show(figures)


def show(figures: Mapping[str, Any], within: str = "") -> None:
    """Print figures as lines: the name with the names above it, and the figure."""
    for name, value in figures.items():
        if isinstance(value, Mapping):
            show(value, f"{within}{name}.")
        elif isinstance(value, list):
            for each in value:
                print(f"{within + name:44} {'  '.join(f'{key} {one}' for key, one in each.items())}")
        else:
            print(f"{within + name:44} {value}")


if __name__ == "__main__":
    main()
