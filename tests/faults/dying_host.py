"""The small platform of `tests.host.serving_host`, in which calls stop at a place that their ``Idempotency-Key`` names.

``acting-…``: everything is written, the note with it, and nothing is committed.  ``acted-…``: it is committed, the answer
not kept.  ``kept-…``: the answer is kept, and not sent.  A call that stops leaves a file of its key's name in the folder
``DYING``, and then waits to be killed; the server that finds the folder's file ``alive`` lets every call pass.
"""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import request

from creditbank_plugin.services.access import repeats
from creditbank_plugin.storage.queries import repeats as rows
from tests.host.serving_host import app

__all__ = ["app"]
FOLDER = Path(os.environ["DYING"])
ALIVE = "alive"
#: So long a dead call is waited for, instead of half a minute.
repeats.UNDER_WAY = timedelta(seconds=5)


def stop(place: str) -> None:
    key = request.headers["Idempotency-Key"]
    if key.startswith(f"{place}-") and not (FOLDER / ALIVE).exists():
        (FOLDER / key).touch()
        time.sleep(600)


def stopping(function: Callable[..., Any], before: str, after: str) -> Callable[..., Any]:
    def stops(*arguments: Any, **named: Any) -> Any:
        stop(before)
        found = function(*arguments, **named)
        stop(after)
        return found

    return stops


rows.act = stopping(rows.act, "-", "acting")
repeats.keep = stopping(repeats.keep, "acted", "kept")
