"""The pages of working groups in a real browser, on a phone and on a desk, in both languages, as their members see them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from creditbank_plugin.services import jobs
from creditbank_plugin.services.comparing import approvals, review_list
from creditbank_plugin.services.settling.settle import settle
from tests.builders import Place, completed, furnish, make_app
from tests.committee import ADMIN, CHAIR, TWO, WRITER, Committee
from tests.conftest import databases
from tests.web.browser import FORMS, Look
from tests.web.committee_world import enter, make_proposals
from tests.web.world import serving

pytestmark = pytest.mark.browser
AT = "/creditbank/admin/proposals"


@pytest.fixture(scope="module")
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Committee, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("axe-proposals")
    with databases(request, folder) as make:
        place = Place(folder, make("sqlite"))
        house = furnish(make_app(place.folder, place.url, CREDITBANK_SETTLE="worker"))
        made = make_proposals(house)
        house.bank.hear(completed(1))
        settle(house.runtime)
        told: dict[str, Any] = {"reason": "หลักสูตรเปลี่ยน", "ended_from": date(2026, 6, 1), "credits": "review"}
        approvals.withdraw(house.runtime, house.ids["comparison"], by=ADMIN, **told)
        assert jobs.run_next(house.runtime)
        yield made


@FORMS
def test_pages_are_accessible_and_fit(chromium: Any, axe: str, world: Any, lang: str, width: int) -> None:
    committee, made = world
    pages = {
        WRITER: [
            AT,
            f"{AT}/{made['draft']}",
            f"{AT}/{made['draft']}/edit",
            f"{AT}/new?q=1",
            "/creditbank/admin/agreement",
        ],
        TWO: [f"{AT}/{made['half']}"],
        CHAIR: [
            f"{AT}/{made['ready']}",
            f"{AT}/{made['ready']}/sign?reference=9/2569",
            f"{AT}/{made['law']}",
            "/creditbank/admin/groups",
            f"/creditbank/admin/groups/{committee.group}",
            f"/creditbank/admin/groups/{committee.group}/change",
            "/creditbank/admin/groups/new",
            "/creditbank/admin/reviews",
            f"/creditbank/admin/reviews/{review_list.page(committee.house.runtime, by=ADMIN).items[0].record_id}",
            "/creditbank/comparisons",
        ],
    }
    with serving(committee.house) as address:
        look = Look(chromium, axe, address, lang, width)
        for who, paths in pages.items():
            enter(committee.house, who)
            look.at(*paths)
        look.close()
