"""A worker in a process of its own, with a plugin that misbehaves: ``worker_process.py dies|hangs LEARNER``.

``dies`` ends the process at once when it is asked about the learner, as a fault in a C library would; ``hangs`` never
answers, and touches the file ``asked`` in the data folder.
"""

import os
import signal
import sys
import time

from creditbank_hooks import CourseCompleted, EvidenceVerdict, hookimpl
from creditbank_plugin.cli.installation import database_url, engine_of, open_runtime
from creditbank_plugin.services.settling.worker import Worker
from creditbank_plugin.settings import read


class Misbehaving:
    def __init__(self, how: str, who: str) -> None:
        self.how, self.who = how, who

    @hookimpl
    def check_evidence(self, completion: CourseCompleted) -> EvidenceVerdict | None:
        if completion.learner.id == self.who:
            if self.how == "dies":
                os.kill(os.getpid(), signal.SIGKILL)
            (read().data / "asked").touch()
            time.sleep(600)
        return None


if __name__ == "__main__":
    settings = read()
    runtime = open_runtime(settings, engine_of(database_url(settings)))
    runtime.plugins.register(Misbehaving(*sys.argv[1:3]))
    Worker(runtime).run(once=sys.argv[1] == "dies")
