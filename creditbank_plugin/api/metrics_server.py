"""Health and metrics of a process that serves nothing else, such as a worker."""

import threading
from types import SimpleNamespace

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from creditbank_plugin.api import health
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.settings import SettingError


class _Quiet(WSGIRequestHandler):
    """Requests are told by the journal."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


def start_metrics_server(runtime: Runtime, port: int, address: str = "127.0.0.1") -> BaseWSGIServer:
    """Serve ``/health/live``, ``/health/ready`` and ``/metrics`` of this process on ``port``, in a thread of its own.

    The paths stand below the setting ``url_prefix``, as in a web process; ``metrics_token`` must be set.  Return the server:
    ``server_port`` says where it listens (``port`` 0 takes a free one); ``shutdown()``, then ``server_close()`` end it, and
    else the end of the process does.  ``SettingError`` without a token; OSError for a port that is taken.
    """
    if runtime.settings.metrics_token is None:
        raise SettingError(
            "CREDITBANK_METRICS_TOKEN", "must be set to serve metrics", "ต้องตั้งค่าก่อนจึงจะเปิดพอร์ต metrics ได้"
        )
    app = Flask("creditbank-metrics")
    bank = SimpleNamespace(runtime=runtime)
    app.extensions["creditbank"] = bank
    app.register_blueprint(health.make_blueprint(bank), url_prefix=runtime.settings.url_prefix or "/")
    server = make_server(address, port, app, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, name="creditbank-metrics", daemon=True).start()
    return server
