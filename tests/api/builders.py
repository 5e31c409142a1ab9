"""A furnished school with clients that call its API over real routes, tokens and tables."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any

from werkzeug.test import TestResponse

from creditbank_plugin.services import organisations
from creditbank_plugin.services.access import clients
from creditbank_plugin.services.access.clients import NewClient
from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.queries import access
from creditbank_plugin.storage.queries.writes import table_of
from creditbank_plugin.storage.session import writing
from creditbank_plugin.storage.tables import Consent, Family
from tests.builders import CODE, ISSUER, SCHOOL, House, Place, furnish, make_app

ALL = ("credits:read", "events:write", "events:read")
API = "/creditbank/api/v1"
SOURCE = "https://lms.school.example/events"


def make_house(place: Place, **config: Any) -> House:
    house = furnish(make_app(place.folder, place.url, **config))
    organisations.trust_issuer(house.runtime, ISSUER)
    return house


def make_client(
    house: House, *scopes: str, organisation: str = SCHOOL, issuer: str = ISSUER, may_open: bool = True
) -> NewClient:
    wish = clients.Wish(
        name="ระบบทดลอง",
        organisation=organisation,
        scopes=list(scopes or ALL),
        issuer=issuer,
        may_open_accounts=may_open,
    )
    return clients.create(house.runtime, wish)


def basic(client: NewClient) -> dict[str, str]:
    pair = f"{client.client_id}:{client.client_secret}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def ask_token(house: House, client: NewClient, **form: str) -> TestResponse:
    return house.app.test_client().post(
        "/creditbank/oauth/token", data={"grant_type": "client_credentials", **form}, headers=basic(client)
    )


def bearer(house: House, *scopes: str, **client: Any) -> dict[str, str]:
    answer = ask_token(house, make_client(house, *scopes, **client))
    return {"Authorization": f"Bearer {answer.get_json()['access_token']}"}


def learners_bearer(
    house: House, person_id: str, *scopes: str, client: NewClient | None = None, **ends: datetime
) -> dict[str, str]:
    """The token of a learner who let a client in; ``family`` and ``consent`` say when those ended, if they did."""
    client = client or make_client(house, "credits:read", organisation=SCHOOL)
    now, family, consent, token = house.runtime.clock(), new_id(), new_id(), new_id()
    said = {"person_id": person_id, "client_id": client.client_id, "scopes": " ".join(scopes or ("credits:read",))}
    given = {"id": consent, **said, "given_at": now, "until": now + timedelta(days=365)}
    with writing(house.runtime.engine) as connection:
        connection.execute(table_of(Consent).insert().values(**given, ended_at=ends.get("consent")))
        connection.execute(
            table_of(Family)
            .insert()
            .values(id=family, consent_id=consent, **said, begun_at=now, ended_at=ends.get("family"))
        )
        access.add_token(
            connection,
            token_hash=clients.hash_of(token),
            client_id=client.client_id,
            scopes=said["scopes"],
            issued_at=now,
            expires_at=now + timedelta(hours=1),
            revoked_at=None,
            family_id=family,
        )
    return {"Authorization": f"Bearer {token}"}


def completion(number: int = 1, **data: Any) -> dict[str, Any]:
    """A CloudEvent of learner ``s-<number>`` finishing the furnished course; ``data`` changes or, with None, removes."""
    said: dict[str, Any] = {
        "learner": {"id": f"s-{number}", "issuer": ISSUER},
        "course": {"code": CODE},
        "completed_at": "2026-03-01T10:00:00+07:00",
        "score": 80,
        **data,
    }
    return {
        "specversion": "1.0",
        "id": f"m-{number}",
        "source": SOURCE,
        "type": "lms.course.completed.v1",
        "data": {name: value for name, value in said.items() if value is not None},
    }


def send(house: House, headers: dict[str, str], body: Any, media: str | None = None) -> TestResponse:
    """Send one event (a dict), a batch (a list), or bytes as they are."""
    media = media or f"application/cloudevents{'-batch' if isinstance(body, list) else ''}+json"
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return house.app.test_client().post(f"{API}/events", data=raw, headers=headers, content_type=media)


def get(house: House, path: str, headers: dict[str, str] | None = None, **query: str) -> TestResponse:
    return house.app.test_client().get(f"{API}/{path}", headers=headers or {}, query_string=query)


def let_pass(house: House, **time: int) -> None:
    """Move the clock of the bank forward."""
    ahead, clock = timedelta(**time), house.runtime.clock

    def later() -> datetime:
        return clock() + ahead

    house.runtime.clock = later
