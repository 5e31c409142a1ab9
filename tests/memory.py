"""Where tests keep files that nobody will want: in memory, where there is enough of it.

Making a database on PostgreSQL is making some seven hundred files: measured, a disk takes five times the processor's time
for it, and each commit on SQLite waits for the disk.  A process that is killed leaves the same behind in both places.
"""

import os
import tempfile
from pathlib import Path

PLACE = Path("/dev/shm")  # noqa: S108 - it is asked for by name, and everything below it has a name of its own
#: What must be free: two servers of PostgreSQL, and the files of the tests under way.
ROOM, LEFT = 3 << 30, 6 << 30


def folder() -> Path | None:
    """Return where files are kept in memory; None where that cannot be, or would leave too little for anything else."""
    try:
        found = os.statvfs(PLACE)
        told = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        left = int(told["MemAvailable"].removesuffix("kB")) << 10
    except (OSError, ValueError, KeyError):
        return None
    enough = found.f_bavail * found.f_frsize >= ROOM and left >= LEFT
    return PLACE if enough and os.access(PLACE, os.W_OK | os.X_OK) else None


def work_there() -> None:
    """Let this process and those it starts keep temporary files in memory, unless somebody said where to keep them."""
    if "TMPDIR" in os.environ:
        return
    place = folder()
    # Programs are installed into such folders too, and must run from there.
    if place is not None and not os.statvfs(place).f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = tempfile.tempdir = str(place)
