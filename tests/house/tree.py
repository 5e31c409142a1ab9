"""The checkout as the house rules see it."""

from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ("creditbank_plugin", "creditbank_client", "hooks", "migrations", "tests", "benchmarks")
SKIPPED = {"__pycache__", "build", "dist", "node_modules", "creditbank-data", "instance"}


def files(*tops: str, suffixes: tuple[str, ...] = (".py",)) -> Iterator[Path]:
    """Every file below the folders ``tops`` of the checkout with one of the suffixes, hidden ones left out."""
    for top in tops:
        for path in sorted((ROOT / top).rglob("*")):
            parts = path.relative_to(ROOT).parts
            hidden = any(part in SKIPPED or part.startswith(".") or part.endswith(".egg-info") for part in parts)
            if path.is_file() and path.suffix in suffixes and not hidden:
                yield path


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def setup_cfg() -> ConfigParser:
    read = ConfigParser()
    read.read(ROOT / "setup.cfg", encoding="utf-8")
    return read
