"""Where the files that are not Python live.

In a checkout ``templates/`` and ``migrations/`` stand beside this package; in an installed wheel inside it.
Flask and Alembic both want a real directory, so a path is the honest answer in either case.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def resource_dir(name: str) -> Path:
    """Return the directory called ``name``, inside the package or beside it."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name
