"""A throw-away PostgreSQL for the tests: found on the machine, started on a free port, gone when the tests are over."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from tests import memory
from tests.serving import free_port

DURABLE = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "32MB",
}
UNSAFE_AND_FAST = {**DURABLE, "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def binaries() -> Path | None:
    """The folder of the newest server's programs, or None where PostgreSQL is not installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[4]))
    if debian:
        return debian[-1].parent
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


def missing() -> str | None:
    """Why no PostgreSQL can be started here; None when one can."""
    if binaries() is None:
        return "PostgreSQL is not installed"
    if os.geteuid() == 0 and (_user() is None or shutil.which("setpriv") is None):
        return "PostgreSQL does not run as root, and there is no user `postgres` to run it as"
    return None


def _user() -> pwd.struct_passwd | None:
    with suppress(KeyError):
        return pwd.getpwnam("postgres")
    return None


def _as_server(*command: str) -> list[str]:
    """The command, run as the server's user, and ended by the kernel should the tests die."""
    if shutil.which("setpriv") is None:
        return list(command)
    user = _user() if os.geteuid() == 0 else None
    change = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"] if user else []
    return ["setpriv", *change, "--pdeathsig=INT", *command]


@dataclass
class Server:
    """A running server: databases are made from templates, which is quicker than migrating each."""

    folder: Path
    process: "subprocess.Popen[bytes]"
    port: int
    numbers: "count[int]"
    gone: list[str] = field(default_factory=list)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def make(self, template: str = "template0") -> str:
        """Make a database of its own; return its name."""
        name = f"test_{next(self.numbers)}"
        gone, self.gone = self.gone, []
        with self.connect() as connection:
            for each in gone:
                connection.execute(f"drop database if exists {each} with (force)".encode())
            connection.execute(f"create database {name} template {template}{self.copying}".encode())
        return name

    @cached_property
    def copying(self) -> str:
        """How to copy a template: by its files, which is less work than writing it into the log; since 15 one may choose."""
        with self.connect() as connection:
            return " strategy file_copy" if connection.info.server_version >= 150_000 else ""

    def drop(self, name: str) -> None:
        """Let a database go when the next is made: over one connection, when those to it have ended by themselves."""
        self.gone.append(name)

    def connect(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", dbname="postgres", autocommit=True)

    def execute(self, command: str) -> None:
        with self.connect() as connection:
            connection.execute(command.encode())

    def restart(self, with_signal: int = signal.SIGINT) -> None:
        """Stop at once, cutting off whoever is connected, and start again; SIGQUIT leaves it to recover from a crash."""
        self.end(with_signal)
        self.begin_again()

    def end(self, with_signal: int = signal.SIGINT) -> None:
        """Stop, or with SIGKILL die: the processes of its connections then notice by themselves."""
        self.process.send_signal(with_signal)
        self.process.wait(30)

    def begin_again(self) -> None:
        """Start on the data that are there; from the main thread, with which the server would end."""
        for _ in range(50):  # what a killed server left behind may hold the data for a moment
            with (self.folder / "log").open("ab") as log:
                self.process = subprocess.Popen(self.process.args, cwd=self.folder, stdout=log, stderr=log)
            if _answers(self):
                return
            if self.process.poll() is None:
                break
        raise RuntimeError(f"postgres: {(self.folder / 'log').read_text()}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.send_signal(3)  # SIGQUIT: at once; nothing here is worth keeping
            self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)


def start(settings: Mapping[str, str] = UNSAFE_AND_FAST) -> Server:
    """Start a server of UTF-8 text in a folder of its own; RuntimeError says what it complained of."""
    programs = binaries()
    assert programs is not None, missing()
    lasting = settings.get("fsync") != "off"  # such as a benchmark's: its commits must reach the disk
    folder = Path(tempfile.mkdtemp(prefix="creditbank-pg-", dir=None if lasting else memory.folder()))
    user = _user() if os.geteuid() == 0 else None
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    data = folder / "data"
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "--no-sync"]
    made = subprocess.run(
        _as_server(*initdb, "--encoding=UTF8", "--locale=C.UTF-8"), cwd=folder, capture_output=True, text=True
    )
    if made.returncode:
        raise RuntimeError(f"initdb: {made.stderr}")
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    for _ in range(3):  # somebody may take the free port before the server does
        port = free_port()
        command = _as_server(str(programs / "postgres"), "-D", str(data), "-p", str(port), *options)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        server = Server(folder, process, port, count(1))
        if _answers(server):
            return server
    raise RuntimeError(f"postgres: {(folder / 'log').read_text()}")


def _answers(server: Server) -> bool:
    for _ in range(200):
        if server.process.poll() is not None:
            return False
        with suppress(psycopg.OperationalError):
            server.execute("select 1")
            return True
        time.sleep(0.05)
    return False
