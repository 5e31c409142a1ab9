"""Every page and form with something real behind it, opened and sent by staff of another school.

The routes are taken from the application: one that is added later is tried as well, and must be named here if strangers
may use it.
"""

from collections.abc import Iterator
from datetime import date
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from creditbank_plugin.services import events
from creditbank_plugin.services.access import consents
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.adopting import memoranda
from creditbank_plugin.services.catalogue import course_entry, course_view
from creditbank_plugin.services.comparing import synonyms
from creditbank_plugin.services.importing import course_imports
from tests.builders import (
    BANK,
    OTHER_SCHOOL,
    PROVINCE,
    SCHOOL,
    House,
    Place,
    completed,
    furnish,
    give_mandate,
    item_ids,
    make_app,
)
from tests.formats import sheet_files
from tests.oauth_world import stand
from tests.web.committee_world import make_proposals
from tests.web.test_authority_pages import day
from tests.web.world import log_in, post

pytestmark = pytest.mark.both_databases

AT = "/creditbank"
#: Staff of another school, in every role but that of the platform's administrator.
ROLES = ("registrar", "director", "committee")
#: The catalogue, acts of authority and numbers of provinces, which all staff may read; lists of what is one's own.
OPEN = {
    *("/", "/comparisons", "/courses", "/courses/<course_id>", "/courses/new", "/courses/export.<kind>"),
    *("/frameworks", "/frameworks/<code>", "/frameworks/<code>/<item_id>", "/static/<path:filename>"),
    *("/reports", "/reports/all.json", "/reports/<code>", "/reports/<code>.json", "/reports/<code>.xlsx"),
    *("/admin/comparisons", "/admin/suggestions", "/admin/synonyms", "/admin/agreement"),
    *("/admin/proposals", "/admin/proposals/new", "/admin/groups", "/admin/groups/new", "/admin/groups/<group_id>"),
    *("/admin/adoptions", "/admin/adoptions/new", "/admin/banks", "/admin/mandates"),
    *("/admin/memoranda", "/admin/memoranda/new", "/admin/memoranda/<memorandum_id>"),
    *("/admin/imports", "/admin/imports/template.xlsx", "/admin/reviews"),
}
#: Forms that enter something new, and say at a field what is missing; none of them can name what is another's.
NEW = {
    *("/admin/groups/new", "/admin/adoptions/new", "/admin/mandates", "/admin/memoranda/new"),
    *("/admin/imports", "/admin/synonyms", "/courses/new"),
}
#: What refuses a request that makes no sense before it looks who sends it: tests/api/test_authorize.py.
UNDERSTOOD_FIRST = {"/oauth/authorize"}
#: What a hand-made form might say to get through.
SENT = {
    "era": "be",
    "reason": "x",
    "reference": "x",
    "revision": "1",
    "credits": "leave",
    "whole_order": "yes",
    "design": "met",
    "measurement": "met",
    "quality": "met",
    "advice": "approve",
    "ended_as": "withdrawn",
    "order_number": "1",
    "revocation_order": "1",
    "actor": "user:u-1",
    "name": "x",
    "role": "chair",
    "minutes": "1",
    "sheet": "courses",
    "column-0": "code",
    "column-1": "version",
    "column-2": "title_th",
    "column-3": "level_group",
    "column-4": "sector",
    "title_th": "x",
    "level_group": "lower_secondary",
    "sector": "formal",
    "owner": SCHOOL,
    "code": "ว20201",
    "version": "2567",
    **{
        key: said
        for field in ("ended_from", "revoked_from", "since", "held_on", "ended_on")
        for key, said in day(field, 1, 6, 2569).items()
    },
}


class World:
    """A bank in which there is one of everything, all of it the province's and its first school's."""

    def __init__(self, house: House) -> None:
        self.house = house
        committee, made = make_proposals(house)
        house.bank.hear(completed(1))
        told = events.page(house.runtime, organisation=SCHOOL, limit=1).items[0]
        officer, clerk = Actor("user:o", "o", PROVINCE), Actor("user:r", "r", SCHOOL)
        own = {"owner": SCHOOL, "code": "ว20201", "version": "2567", "title_th": "ก", "level_group": "lower_secondary"}
        course_entry.enter(house.runtime, [{**own, "sector": "formal", "province": "51"}], by=clerk)
        sheet = sheet_files.xlsx([["รหัสวิชา", "ปีหลักสูตร", "ชื่อวิชา"], ["x", "2567", "x"]])
        self.names = {
            "event_id": told.id,
            "record_id": told.record_id,
            "comparison_id": house.ids["comparison"],
            "proposal_id": made["half"],
            "adoption_id": house.ids["adoption"],
            "group_id": committee.group,
            "bank_code": BANK,
            "mandate_id": give_mandate(house),
            "memorandum_id": memoranda.enter(
                house.runtime, owner=PROVINCE, title="ก", signed_on=date(2020, 1, 1), parties=["ก"], by=officer
            ),
            "course_id": course_view.view(house.runtime, (SCHOOL, "ว20201", "2567")).id,
            "import_id": course_imports.upload(house.runtime, sheet, "a.xlsx", by=clerk, province="51"),
            "item_id": item_ids("ท 1.1")[0],
            "job_id": told.id,
            "webhook_id": told.id,
            "delivery_id": told.id,
            **_shared(house),
            "kind": "csv",
            "path:filename": "creditbank.css",
        }
        self.synonyms = synonyms.add(house.runtime, ["คณิต", "เลข"], by=officer, body=PROVINCE)

    def routes(self) -> Iterator[tuple[str, str, str]]:
        """Yield method, path as it is called here and as it is mounted, of every page."""
        for rule in self.house.app.url_map.iter_rules():
            if rule.endpoint.startswith("creditbank."):
                code = "core-curriculum-2551" if "/frameworks/" in rule.rule else "51"
                names = {**self.names, "code": code}
                if "synonyms" in rule.rule:
                    names["group_id"] = self.synonyms
                path = rule.rule
                for name, said in names.items():
                    path = path.replace(f"<{name}>", said)
                for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                    yield method, path, rule.rule.removeprefix(AT)

    def call(self, client: FlaskClient, method: str, path: str, **sent: str) -> TestResponse:
        return client.get(path) if method == "GET" else post(client, path, **sent)


def _shared(house: House) -> dict[str, str]:
    """A client, and a learner of the first school who let it in."""
    at = stand(house)
    at.code()
    (shared,) = consents.list_for_person(house.runtime, at.person_id)
    return {"client_id": at.client.client_id, "consent_id": shared.id}


@pytest.fixture(scope="module")
def world(shared_place: Place) -> World:
    return World(furnish(make_app(shared_place.folder, shared_place.url)))


def test_staff_of_another_school_see_and_change_nothing_of_others(world: World) -> None:
    client, wrong, tried = log_in(world.house, *ROLES, organisation=OTHER_SCHOOL), {}, set()
    for method, path, rule in world.routes():
        status = world.call(client, method, path, **SENT).status_code
        may = {200, 302} if method == "GET" and rule in OPEN else {422} if rule in NEW else {403, 404}
        tried.add(rule)
        if status not in ({400} if rule in UNDERSTOOD_FIRST else may):
            wrong[method, rule] = status
    assert wrong == {}
    assert tried >= {*OPEN, *NEW}


def test_a_nul_is_refused_and_breaks_nothing(world: World) -> None:
    client, found = log_in(world.house, *ROLES, "admin", organisation=PROVINCE), {}
    for method, path, rule in world.routes():
        asked = world.call(client, method, f"{path}?q=a%00b", **SENT)
        sent = [world.call(client, method, path, text="a\0b")] if method == "POST" else []
        named = [
            world.call(client, method, path.replace(said, quote("a\0b")), **SENT)
            for name, said in (*world.names.items(), ("group_id", world.synonyms))
            if f"<{name}>" in rule and said in path and name != "path:filename"
        ]
        found[method, rule] = {each.status_code for each in (asked, *sent, *named)}
    assert {name: each for name, each in found.items() if each != {400}} == {}
