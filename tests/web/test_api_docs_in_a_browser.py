"""The documentation page in Chromium: nothing leaves the host, the policy stops nothing, and a client tries a call."""

from collections.abc import Iterator
from typing import Any

import pytest

from creditbank_plugin.rules.scopes import CATALOGUE_READ
from tests.api.builders import make_client, make_house
from tests.builders import House, Place
from tests.conftest import close, databases
from tests.web.browser import DESK
from tests.web.world import serving

pytestmark = pytest.mark.browser
DOCS = "/creditbank/api/docs"
ONE = "#operations-frameworks-list_frameworks"


@pytest.fixture(scope="module")
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """On one kind of database: the page asks none."""
    folder = tmp_path_factory.mktemp("docs")
    with databases(request, folder) as make:
        made = make_house(Place(folder, make("sqlite")))
        yield made
        close(made)


def test_the_page_is_offline_keeps_its_policy_and_lets_a_client_try_a_call(house: House, chromium: Any) -> None:
    client = make_client(house, CATALOGUE_READ)
    asked: list[str] = []
    said: list[str] = []
    with serving(house) as address:
        page = chromium.new_page(viewport={"width": DESK, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{address}{DOCS}")
        page.wait_for_selector(ONE)
        assert page.locator(".opblock").count() > 75

        page.click(".btn.authorize")
        dialog = page.locator(".auth-container", has_text="clientCredentials")
        assert page.locator(".auth-container", has_text="authorizationCode").count() == 1
        dialog.locator("input[id^=client_id]").fill(client.client_id)
        dialog.locator("input[id^=client_secret]").fill(str(client.client_secret))
        dialog.locator(".scopes label", has_text=CATALOGUE_READ).first.click()
        dialog.locator("button.authorize").click()
        dialog.locator("button", has_text="Logout").wait_for()
        page.locator(".btn-done").first.click()

        for part in (".opblock-summary", ".try-out__btn", ".execute"):
            page.click(f"{ONE} {part}")
        status = f"{ONE} .live-responses-table .response .response-col_status"
        page.wait_for_selector(status)
        answered = page.inner_text(status)
        page.close()
    assert answered.startswith("200")
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    assert said == []
