"""Figures, each beside a floor measured in the same run.  Nothing here asserts a time.

Databases are new, durable, and gone afterwards; PostgreSQL is started from the machine's programs.  Everything runs on
127.0.0.1.  What can be compared between machines are the ratios.
"""

import argparse
import json
from types import ModuleType

from benchmarks import (
    bearer,
    checking,
    forecasts,
    growth,
    http,
    importing,
    matching,
    mixed,
    report,
    search,
    settling,
    start,
    tokens,
)
from benchmarks.figures import Figures, table
from benchmarks.places import KINDS, place

PROGRAMS: dict[str, ModuleType] = {
    "settle": settling,
    "growth": growth,
    "verify": checking,
    "http": http,
    "bearer": bearer,
    "tokens": tokens,
    "mixed": mixed,
    "importing": importing,
    "start": start,
    "forecast": forecasts,
    "report": report,
    "search": search,
    "matching": matching,
}


def parser() -> argparse.ArgumentParser:
    """Return what understands the command line, and tells of every program at once."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--on", choices=KINDS, default=KINDS[0], help="the database (sqlite)")
    shared.add_argument("--json", action="store_true", help="print JSON instead of a table")
    plain = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__, formatter_class=plain)
    programs = made.add_subparsers(dest="program", required=True, metavar="PROGRAM")
    told = []
    for name, program in PROGRAMS.items():
        about = str(program.__doc__).partition(": ")[2]
        one = programs.add_parser(name, parents=[shared], help=about.partition("\n")[0], description=about)
        program.options(one)
        told.append(one.format_help())
    programs.add_parser("all", parents=[shared], help="each of them, one after the other, with what is usual")
    made.epilog = "\n\n".join(told)
    return made


def measured(arguments: list[str] | None = None) -> tuple[argparse.Namespace, Figures]:
    """Return what was chosen, and the figures by program."""
    understands = parser()
    chosen = understands.parse_args(arguments)
    figures: Figures = {"database": chosen.on}
    for name in PROGRAMS if chosen.program == "all" else [chosen.program]:
        options = understands.parse_args([name, "--on", chosen.on]) if chosen.program == "all" else chosen
        with place(chosen.on) as here:
            figures[name] = PROGRAMS[name].measure(options, here)
    return chosen, figures


def main() -> None:
    """Measure, and print a table or JSON."""
    chosen, figures = measured()
    print(json.dumps(figures) if chosen.json else "\n".join(table(figures)))


if __name__ == "__main__":
    main()
