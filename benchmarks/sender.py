"""A client of the API: its access, and what it sends."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from benchmarks.house import ISSUER, NAME, SCHOOL
from benchmarks.wire import Wire, request
from creditbank_plugin.services.access import clients
from creditbank_plugin.services.access.clients import NewClient
from creditbank_plugin.services.runtime import Runtime

API, XAPI = "/creditbank/api/v1", "/creditbank/xapi/statements"
_SCOPES = ("credits:read", "events:write", "events:read")
_COURSE = "https://w3id.org/learning-analytics/learning-management-system/external-id"


class Sender:
    """An intake client of the school of `house`; `enter` asks for its token."""

    def __init__(self, runtime: Runtime) -> None:
        self.client: NewClient = clients.create(
            runtime,
            clients.Wish(name="bench", organisation=SCHOOL, scopes=_SCOPES, issuer=ISSUER, may_open_accounts=True),
        )
        self.bearer: Mapping[str, str] = {}

    @property
    def basic(self) -> dict[str, str]:
        """The header that proves who the client is."""
        pair = f"{self.client.client_id}:{self.client.client_secret}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def enter(self, port: int) -> None:
        """Ask the server for a token."""
        headers = {**self.basic, "Content-Type": "application/x-www-form-urlencoded"}
        form = urlencode({"grant_type": "client_credentials"}).encode()
        told = Wire(port).json(request("POST", "/creditbank/oauth/token", headers, form))
        self.bearer = {"Authorization": f"Bearer {told['access_token']}"}

    def events(self, told: Sequence[Mapping[str, Any]]) -> bytes:
        """Return the request that sends CloudEvents: one by itself, several as a batch."""
        single = len(told) == 1
        kind = "application/cloudevents+json" if single else "application/cloudevents-batch+json"
        body = json.dumps(told[0] if single else told).encode()
        return request("POST", f"{API}/events", {**self.bearer, "Content-Type": kind}, body)

    def statements(self, told: Sequence[Mapping[str, Any]]) -> bytes:
        """Return the request that sends xAPI statements."""
        headers = {**self.basic, "Content-Type": "application/json", "X-Experience-API-Version": "1.0.3"}
        return request("POST", XAPI, headers, json.dumps(told).encode())

    def find(self, learner: str) -> bytes:
        """Return the request that finds a learner."""
        return request("GET", f"{API}/learners?{urlencode({'issuer': ISSUER, 'id': learner})}", self.bearer)

    def credits(self, learner_id: str) -> bytes:
        """Return the request that reads what a learner holds."""
        return request("GET", f"{API}/learners/{learner_id}/credits", self.bearer)


def event(learner: str, course: str, event_id: str) -> dict[str, Any]:
    """Return a CloudEvent of a completion."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": ISSUER,
        "type": "lms.course.completed.v1",
        "data": {
            "learner": {"id": learner, "issuer": ISSUER, "name": NAME},
            "course": {"code": course},
            "completed_at": "2026-03-01T09:00:00+07:00",
            "score": 80,
        },
    }


def statement(learner: str, course: str) -> dict[str, Any]:
    """Return an xAPI statement of a completion."""
    return {
        "actor": {"account": {"homePage": ISSUER, "name": learner}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {
            "id": f"{ISSUER}/course/view.php?id={course}",
            "definition": {
                "type": "https://w3id.org/xapi/cmi5/activitytype/course",
                "extensions": {_COURSE: course},
            },
        },
        "result": {"completion": True, "score": {"scaled": 0.8}},
        "timestamp": "2026-03-01T09:00:00+07:00",
    }
