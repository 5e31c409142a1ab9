"""Real servers and workers in processes of their own, which are killed, stopped and started again."""

import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.builders import ISSUER, House
from tests.faults.end import until
from tests.house.tree import ROOT
from tests.serving import free_port

APP = "tests.host.serving_host:app"
WEB: dict[str, tuple[str, ...]] = {
    "gunicorn": ("--bind=127.0.0.1:{port}", "--workers=2", "--threads=4", "--preload", "--log-level=warning"),
    "granian": (
        *("--host=127.0.0.1", "--port={port}", "--interface=wsgi", "--workers=2", "--blocking-threads=4"),
        *("--respawn-failed-workers", "--log-level=warning"),
    ),
    "waitress": ("--listen=127.0.0.1:{port}", "--threads=8"),
}
WORKER = ("-m", "creditbank_plugin.cli.main", "worker")


@dataclass
class Process:
    """A command in a process group of its own; started again by the test that killed it, as systemd does."""

    command: Sequence[str]
    environ: dict[str, str]
    log: Path
    port: int = 0
    running: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, *self.command],
                cwd=ROOT,
                env=self.environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        assert self.running is not None, "not started"
        return self.running.pid

    def family(self) -> list[int]:
        """The process, and the workers it has forked."""
        with suppress(OSError):
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            return [self.pid, *(int(child) for child in children)]
        return [self.pid]

    def kill(self) -> None:
        """kill -9 of all of it at once."""
        if self.running is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self.running.wait()

    def kill_something(self, chance: random.Random) -> str:
        """kill -9 of one forked worker, which its server replaces, or of all of it, which is started again."""
        children = self.family()[1:]
        if children and chance.random() < 0.7:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(children), signal.SIGKILL)
            return f"a worker of {self.command[1]}"
        self.kill()
        self.start()
        return self.command[1] if self.port else "a creditbank worker"

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; return its exit code."""
        assert self.running is not None, "not started"
        self.running.send_signal(with_signal)
        return self.ended()

    def ended(self) -> int:
        """Wait until it has ended; return its exit code."""
        assert self.running is not None, "not started"
        return self.running.wait(60)

    def said(self) -> str:
        return self.log.read_text()

    def limit_files(self, size: int) -> None:
        """Let no file of these processes grow beyond ``size`` bytes, from now on; -1 lifts the limit."""
        for each in self.family():
            _, hard = resource.prlimit(each, resource.RLIMIT_FSIZE)
            resource.prlimit(each, resource.RLIMIT_FSIZE, (size, hard))


def environ_of(house: House, **more: str) -> dict[str, str]:
    """The environment of a server or worker of a house."""
    return {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'hooks'}",
        "SERVED_DATABASE": house.app.config["SQLALCHEMY_DATABASE_URI"],
        "CREDITBANK_DATABASE_URL": house.runtime.engine.url.render_as_string(hide_password=False),
        "CREDITBANK_DATA": str(house.runtime.settings.data),
        "CREDITBANK_ISSUER": ISSUER,
        "CREDITBANK_RATE_PER_MINUTE": "0",
        "CREDITBANK_TOKEN_RATE_PER_MINUTE": "0",
        "CREDITBANK_BATCH": "20",
        **more,
    }


def web(house: House, server: str, **environ: str) -> Process:
    """A web server of a house on a free port; not started yet."""
    port = free_port()
    options = [each.format(port=port) for each in WEB[server]]
    log = house.runtime.settings.data.parent / f"{server}.log"
    return Process(["-m", server, *options, APP], environ_of(house, **environ), log, port)


def worker(house: House, name: str = "one", *options: str, **environ: str) -> Process:
    """A ``creditbank worker`` of a house; not started yet."""
    log = house.runtime.settings.data.parent / f"worker-{name}.log"
    return Process([*WORKER, "--name", name, *options], environ_of(house, **environ), log)


@contextmanager
def at_work(*processes: Process) -> Iterator[None]:
    """Start them, wait until the web servers answer, and leave none of them behind; their logs tell of a failure."""
    try:
        for each in processes:
            each.start()
        for each in processes:
            if each.port:
                until(_answering(each), f"{each.command[1]} answers: {each.log}")
        yield
    except BaseException:
        for each in processes:
            sys.stderr.write(f"--- {each.log.name}\n{each.said()[-4000:]}\n")
        raise
    finally:
        for each in processes:
            each.kill()


def _answering(process: Process) -> Callable[[], bool]:
    def answers() -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{process.base}/creditbank/health/live", timeout=5).ok
        return False

    return answers
