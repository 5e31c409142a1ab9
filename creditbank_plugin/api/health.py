"""What looks after the servers asks: is it alive, is it ready, and its numbers for Prometheus."""

import hmac
import ipaddress
from typing import Any

from flask import Blueprint, Response, request

from creditbank_plugin.api import problem
from creditbank_plugin.api.guard import public
from creditbank_plugin.api.shapes import answer
from creditbank_plugin.machines import seal
from creditbank_plugin.observed import observe
from creditbank_plugin.services import health, meters, scrape
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.faults import RETRY_SECONDS

NAME = "creditbank_health"
#: Whoever has come through a proxy is not from this machine, though the proxy may be.
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


def make_blueprint(bank: Any) -> Blueprint:
    """Return the blueprint of ``/health/live``, ``/health/ready`` and ``/metrics`` of ``bank``.

    Of the bank its ``runtime`` is all that is asked for.  With the setting ``metrics_token`` this process begins to measure.
    """
    runtime: Runtime = bank.runtime
    if runtime.settings.metrics_token is not None:
        meters.switch_on(runtime.engine)
    blueprint = Blueprint(NAME, __name__)
    observe(blueprint, often=True)
    problem.answer_errors(blueprint)

    @blueprint.get("/health/live")
    @public
    def live() -> Response:
        """Answer as long as the process does; nothing is asked of the database."""
        return answer({"live": True})

    @blueprint.get("/health/ready")
    @public
    def ready() -> Response:
        """Answer 200 or 503 with a verdict for each check; details only from this machine or with the metrics token."""
        found = health.readiness(runtime)
        if not (_is_near() or _has_token(runtime)):
            del found["details"]
        made = answer(found, 200 if found["ready"] else 503)
        if not found["ready"]:
            made.headers["Retry-After"] = str(RETRY_SECONDS)
        return made

    @blueprint.get("/metrics")
    @public
    def metrics() -> Response:
        """Answer in Prometheus' text format, to the metrics token; 404 where none is set."""
        if runtime.settings.metrics_token is None:
            return problem.problem(404, "not_found", "ไม่มีที่อยู่นี้", "There is nothing at this address.")
        if not _has_token(runtime):
            th, en = "ต้องส่งโทเคนของ metrics", "The metrics token is needed."
            return problem.problem(401, "unauthenticated", th, en, headers={"WWW-Authenticate": "Bearer"})
        return Response(scrape.exposition(runtime), content_type=scrape.CONTENT_TYPE)

    blueprint.after_request(seal)
    return blueprint


def _has_token(runtime: Runtime) -> bool:
    wanted = runtime.settings.metrics_token
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    if wanted is None or kind.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode(), wanted.encode())


def _is_near() -> bool:
    """Tell whether the request comes from this machine itself."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
