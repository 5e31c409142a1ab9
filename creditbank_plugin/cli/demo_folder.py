"""The demo's folder: its lock, its ``demo.json``, and which files in it are the demo's own."""

import atexit
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from creditbank_plugin.cli.faults import Fault
from creditbank_plugin.cli.installation import DATABASE
from creditbank_plugin.services import private_file
from creditbank_plugin.services.filelock import try_locked
from creditbank_plugin.services.proving.checkpoint_key import FILE as CHECKPOINT_KEY
from creditbank_plugin.standalone import SESSION_FILE

ABOUT, LOCK, SPOOL = "demo.json", "demo.lock", "spool"
OWN_FILES = (
    *(DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal"),
    *(ABOUT, "keys.json", CHECKPOINT_KEY, SESSION_FILE),
)
OWN_SPOOL = ("*.sealed", "*.open", "*.draft")


class Folder:
    """One demo's folder, held by one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def hold(self, *, own_database: bool, reset: bool = False) -> None:
        """Make the folder and lock it; `Fault` when another demo runs on it.

        ``own_database``: the database is to be a file in the folder.  Keys that stand there without one belong to an
        installation whose database is elsewhere, and a later ``--reset`` must never delete those.  Nor may ``reset``
        delete what stands in a folder in which no demo was ever begun.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if (self.path / ABOUT).exists() and not self.about():
            raise Fault(
                f"{self.path / ABOUT} was not written by a demo: move it away", "ไฟล์ demo.json นี้ไม่ใช่ของระบบสาธิต"
            )
        begun = any((self.path / name).exists() for name in (LOCK, ABOUT))
        if reset and not begun and any((self.path / name).exists() for name in OWN_FILES):
            raise Fault(
                f"{self.path} holds an installation that is no demo: nothing was deleted",
                "โฟลเดอร์นี้เป็นของระบบอื่นที่ไม่ใช่ระบบสาธิต ไม่ได้ลบอะไร",
            )
        ours = begun or (self.path / DATABASE).exists()
        if own_database and not ours and (self.path / "keys.json").exists():
            raise Fault(
                f"{self.path} holds the keys of an installation that is no demo: choose another folder with --data",
                "โฟลเดอร์นี้เป็นของระบบอื่น",
            )
        with ExitStack() as lock:
            if not lock.enter_context(try_locked(self.path / LOCK)):
                raise Fault(f"another demo is running on {self.path}", "มีระบบสาธิตทำงานอยู่บนโฟลเดอร์นี้แล้ว")
            atexit.register(lock.pop_all().close)  # the folder is ours until the process ends

    def is_demo(self) -> bool:
        """Tell whether a demo has been made here."""
        return (self.path / ABOUT).exists()

    def reset(self) -> None:
        """Delete the demo's own files and nothing else."""
        for name in OWN_FILES:
            (self.path / name).unlink(missing_ok=True)
        spool = self.path / SPOOL
        for pattern in OWN_SPOOL:
            for file in spool.glob(pattern):
                file.unlink(missing_ok=True)
        if spool.is_dir() and not any(spool.iterdir()):
            spool.rmdir()

    def about(self) -> dict[str, Any]:
        """Return what ``demo.json`` says; empty when there is none, or none that a demo wrote."""
        try:
            found = json.loads((self.path / ABOUT).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        made = isinstance(found, dict) and {"base_url", "users", "clients"} <= found.keys()
        return found if made else {}

    def write(self, about: dict[str, Any]) -> None:
        """Replace ``demo.json`` in one step, for its owner's eyes only: it holds secrets."""
        private_file.replace(self.path / ABOUT, json.dumps(about, ensure_ascii=False, indent=2).encode() + b"\n")
