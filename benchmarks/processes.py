"""The processes of an installation: a real server, started as docs/serving.md says, and workers; and what they cost."""

import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent
SERVERS = ("waitress", "gunicorn", "granian")
OURS, BARE = "creditbank_plugin.standalone:serve", "benchmarks.bare:serve"
_STOPPED_BY = {"waitress": signal.SIGINT}
_WORKER = "import sys; from creditbank_plugin.cli.main import main; sys.exit(main(sys.argv[1:]))"


def options(parser: ArgumentParser) -> None:
    """Say which server can be chosen."""
    usual = "waitress for SQLite, granian for PostgreSQL"
    parser.add_argument("--server", choices=SERVERS, help=f"which server ({usual})")
    parser.add_argument("--processes", type=int, default=1, help="its processes; waitress has one (1)")
    parser.add_argument("--threads", type=int, default=8, help="threads of each process (8)")


def server_of(chosen: Namespace) -> str:
    """Return the chosen server, or the one that goes with the database."""
    return str(chosen.server or ("waitress" if chosen.on == "sqlite" else "granian"))


def _command(server: str, app: str, port: int, processes: int, threads: int) -> list[str]:
    place = f"127.0.0.1:{port}"
    options = {
        "waitress": ["--listen", place, "--threads", str(threads), "--call", app],
        "gunicorn": [
            *("--preload", "--workers", str(processes), "--threads", str(threads), "--bind", place),
            *("--timeout", "90", "--graceful-timeout", "30", "--log-level", "warning", f"{app}()"),
        ],
        "granian": [
            *("--interface", "wsgi", "--workers", str(processes), "--blocking-threads", str(threads)),
            *("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning", "--factory", app),
        ],
    }
    return [sys.executable, "-m", server, *options[server]]


@contextmanager
def served(chosen: Namespace, app: str, environ: Mapping[str, str], folder: Path) -> "Iterator[tuple[int, int]]":
    """Start the chosen server with a factory of an application; yield its port and its process's number."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    server = server_of(chosen)
    command = _command(server, app, port, chosen.processes, chosen.threads)
    with _running(command, environ, folder / f"{server}.log", _STOPPED_BY.get(server, signal.SIGTERM)) as process:
        _wait(port, process, folder / f"{server}.log")
        yield port, process.pid


@contextmanager
def working(number: int, environ: Mapping[str, str], folder: Path) -> "Iterator[list[int]]":
    """Start so many of ``creditbank worker``; yield their process numbers."""
    if number == 0:
        yield []
        return
    command = [sys.executable, "-c", _WORKER, "worker", "--name", f"w{number}"]
    log = folder / f"worker-{number}.log"
    with _running(command, environ, log) as process, working(number - 1, environ, folder) as others:
        yield [process.pid, *others]


@contextmanager
def _running(
    command: Sequence[str], environ: Mapping[str, str], log: Path, stopped_by: signal.Signals = signal.SIGTERM
) -> "Iterator[subprocess.Popen[bytes]]":
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "hooks")))
    with log.open("ab") as stream:
        process = subprocess.Popen(  # noqa: S603 - our own programs
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": paths, **environ}, stdout=stream, stderr=stream
        )
    try:
        yield process
        if process.poll() is not None:
            raise RuntimeError(f"{command[2]} ended: {log.read_text()[-2000:]}")
    finally:
        process.send_signal(stopped_by)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")


def cpu_seconds(pids: Sequence[int]) -> float | None:
    """Return the processor seconds of processes and all they started; None where the system does not tell (not Linux)."""
    if not Path("/proc/self/stat").exists():
        return None
    parents: dict[int, int] = {}
    spent: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                told = (folder / "stat").read_text().rpartition(")")[2].split()
                parents[int(folder.name)] = int(told[1])
                spent[int(folder.name)] = sum(map(int, told[11:15]))  # its own, and those of children that ended
    family = set(pids)
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(spent.get(pid, 0) for pid in family) / os.sysconf("SC_CLK_TCK")


def machine_seconds() -> float | None:
    """Return the processor seconds that the whole machine was busy (Linux)."""
    if not Path("/proc/stat").exists():
        return None
    user, nice, system, _, _, *rest = map(int, Path("/proc/stat").read_text().partition("\n")[0].split()[1:9])
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def parent_of(pid: int) -> int:
    """Return the process that started another (Linux)."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
