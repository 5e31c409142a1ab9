"""What the tests of the client library share: its ends at a served bank, and a learner's browser."""

from dataclasses import dataclass
from typing import Any

import requests

from creditbank_client import CreditBank, Http, Patience, Secret, Server, TokenEndpoint, Tokens, discover
from creditbank_client.login import Pending, begin, finish
from creditbank_hooks import HostUser, LearnerIdentity
from creditbank_plugin.services.access.clients import NewClient
from tests.api.builders import make_client
from tests.builders import ISSUER, House
from tests.oauth_world import BACK, hidden

SOURCE = "https://lms.school.example/events"


def quick() -> Http:
    """Connections that do not wait long."""
    return Http(patience=Patience(connect=5, read=10, tries=3, first=0.01))


@dataclass
class World:
    house: House
    base: str

    @property
    def api(self) -> str:
        return f"{self.base}/creditbank/api"

    @property
    def server(self) -> Server:
        return discover(self.api, http=quick())

    def machine(self, *scopes: str, **more: Any) -> CreditBank:
        """A client of the school with these scopes."""
        made = make_client(self.house, *scopes)
        return CreditBank.of_machine(self.api, Secret(made.client_id, str(made.client_secret)), http=quick(), **more)

    def endpoint(self, made: NewClient, http: Http | None = None) -> TokenEndpoint:
        return TokenEndpoint(self.server, Secret(made.client_id, str(made.client_secret)), http=http or quick())

    def agree(self, url: str, learner: str, decision: str = "agree") -> str:
        """Open an address as a learner's browser does, press a button, and return where it is led."""
        who = LearnerIdentity(issuer=ISSUER, id=learner)
        self.house.user.now = HostUser(id=f"u-{learner}", learner=who, display_name="นักเรียนทดลอง")
        browser = requests.Session()
        shown = browser.get(url, timeout=20)
        assert shown.status_code == 200, shown.text
        form = {**hidden(shown.text), "decision": decision}
        address = f"{self.base}/creditbank/oauth/authorize"
        return browser.post(address, data=form, allow_redirects=False, timeout=20).headers["Location"]

    def ask(self, made: NewClient, back: str = BACK) -> Pending:
        return begin(self.server, made.client_id, back, ["credits:read"], prompt="consent")

    def tokens(self, made: NewClient, learner: str) -> Tokens:
        """What a client gets when a learner agrees."""
        pending = self.ask(made)
        return finish(self.endpoint(made), pending, self.agree(pending.url, learner))
