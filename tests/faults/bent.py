"""Run a module as ``python -m`` does, with a wall clock that is off by the seconds in a file: ``bent.py FILE MODULE …``.

Bent are ``time.time`` and what reads the clock in this module (a test keeps the list complete); that which only counts on
(``time.monotonic``) goes on, as it does when somebody sets the clock of a machine.  The library libfaketime would bend more,
but breaks ``time.sleep`` of CPython as soon as the clock jumps.
"""

import runpy
import sys
import time
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from types import ModuleType

from creditbank_plugin.services import keys, runtime

#: Every module of ours that asks for the present moment by ``datetime.now``.
MODULES: tuple[ModuleType, ...] = (keys, runtime)


def bend(file: Path) -> None:
    """Let this process read its clocks through ``file`` from now on."""
    right, right_ns = time.time, time.time_ns

    def off() -> int:
        return int(file.read_text())

    class Bent(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(seconds=off())

    time.time = lambda: right() + off()
    time.time_ns = lambda: right_ns() + off() * 1_000_000_000
    for module in MODULES:
        module.datetime = Bent  # type: ignore[attr-defined]


if __name__ == "__main__":
    bend(Path(sys.argv[1]))
    del sys.argv[:2]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
