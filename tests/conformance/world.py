"""The running application that the OpenAPI document is held against: a real server, and something of everything in it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import waitress

from tests.api.builders import learners_bearer, make_client, make_house
from tests.api.test_strangers import SCOPED, World
from tests.builders import CODE, PROVINCE, SCHOOL, House, Place, item_ids

_NO_IDS = {"replaces": None, "outcomes": item_ids("ท 1.1")}
#: Nothing of this type happens here: nothing is sent anywhere.
_UNHEARD = ["statement.issued"]
_ACTS = ("propose", "judge", "rate", "approve", "return", "reject", "withdraw")


@dataclass
class Served:
    """Where it answers, the tokens that open it, and the true ids in the place of the document's examples."""

    address: str
    house: House
    tokens: dict[str, str]
    names: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The same as variables of a process: tokens, and ``WORLD_…`` for each parameter of an address."""
        named = {f"WORLD_{name.upper()}": value for name, value in self.names.items()}
        return {**self.tokens, **named, "WORLD_BODIES": json.dumps(self.bodies())}

    def bodies(self) -> dict[str, dict[str, Any]]:
        """What of a body names things that stand here, by operation; None must not be said beside the others."""
        group = {"group": self.names["group_id"], "on_behalf_of": None}
        paper = {"bank": f"B-{SCHOOL}", "comparison_ids": [self.house.ids["comparison"]], "standing": False}
        order = {**paper, **dict.fromkeys(("body", "level_group", "occupational_group", "on_behalf_of"))}
        mine = dict.fromkeys(("owner", "code", "version"))
        return {
            "draft_comparison": {"course": {"owner": "national", "code": CODE, "version": "2551"}, **group, **_NO_IDS},
            "edit_comparison": {"on_behalf_of": None, **_NO_IDS},
            "enter_adoption": order,
            "forecast_adoption": order,
            "enter_group": {"body": PROVINCE, "on_behalf_of": None},
            "change_group": {"on_behalf_of": None},
            "put_course": mine,
            "create_webhook": {"url": "https://8.8.8.8/", "organisation": PROVINCE, "types": _UNHEARD},
            **{f"{act}_comparison": {"on_behalf_of": None} for act in _ACTS},
        }


@contextmanager
def served(place: Place) -> Iterator[Served]:
    """Serve a bank with one of everything on a free port of this machine."""
    house = make_house(place, CREDITBANK_RATE_PER_MINUTE=1_000_000)
    world = World(house)
    client = make_client(house, *SCOPED, organisation=PROVINCE)
    learner = learners_bearer(house, world.names["learner_id"], *SCOPED)
    tokens = {
        "MACHINE_TOKEN": world.ours["Authorization"].removeprefix("Bearer "),
        "LEARNER_TOKEN": learner["Authorization"].removeprefix("Bearer "),
        "CLIENT_ID": client.client_id,
        "CLIENT_SECRET": str(client.client_secret),
    }
    server = waitress.create_server(house.app, host="127.0.0.1", port=0, threads=4)

    def serve() -> None:
        with suppress(OSError):  # its sockets are closed under it when the tests are over
            server.run()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{server.effective_port}", house, tokens, world.names)
    finally:
        server.close()
        thread.join(5)
