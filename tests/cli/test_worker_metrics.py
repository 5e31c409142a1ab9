"""``creditbank worker --metrics-port``: health and metrics of a process that serves nothing else."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import requests

from tests.builders import House
from tests.cli.shell import Shell
from tests.house.tree import ROOT
from tests.serving import free_port

TOKEN = "a-token-for-the-metrics"


def test_a_metrics_port_without_a_token_is_refused(house: House) -> None:
    assert "CREDITBANK_METRICS_TOKEN" in Shell.of(house).refused("worker", "--once", "--metrics-port", "0")


def test_a_worker_tells_how_it_is(house: House) -> None:
    port = str(free_port())
    environ = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'hooks'}",
        "CREDITBANK_DATA": str(house.runtime.settings.data),
        "CREDITBANK_DATABASE_URL": house.runtime.engine.url.render_as_string(hide_password=False),
        "CREDITBANK_METRICS_TOKEN": TOKEN,
    }
    command = [sys.executable, "-m", "creditbank_plugin.cli.main", "worker", "--metrics-port", port]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    base, answer = f"http://127.0.0.1:{port}/creditbank", None
    try:
        until = time.monotonic() + 60
        while answer is None and process.poll() is None and time.monotonic() < until:
            with suppress(requests.RequestException):
                answer = requests.get(f"{base}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=5)
            time.sleep(0.05)
        assert answer is not None
        assert 'creditbank_queue_messages{lane="fresh"} 0.0' in answer.text
        assert requests.get(f"{base}/health/ready", timeout=5).json()["ready"] is True
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
