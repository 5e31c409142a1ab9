"""A bank in which every example of the document can be carried out: who calls, about what, and what stands before it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from typing import Any

from creditbank_hooks import HostUser, LearnerIdentity
from creditbank_plugin.rules.scopes import SCOPES
from creditbank_plugin.services import jobs
from creditbank_plugin.services.access.clients import NewClient
from creditbank_plugin.services.actor import Actor
from creditbank_plugin.services.catalogue import course_entry
from creditbank_plugin.services.comparing import approvals, groups
from creditbank_plugin.services.proving import checkpoints
from tests.api.builders import ask_token, completion, get, learners_bearer, make_client, make_house, send
from tests.builders import CODE, ISSUER, PROVINCE, SCHOOL, Place, add_course, adopt, compare, completed, item_ids
from tests.committee import ADMIN, ONE, SINCE, convene
from tests.oauth_world import BACK, challenge_of, make_partner
from tests.services.receiver import Receiver, receiving

Json = dict[str, Any]
_PEOPLE = {"officer-1": "secretary", "rater-1": "rater", "chair-1": "chair"}
_COURSE = {"title_th": "ชื่อเดิม", "level_group": "lower_secondary", "sector": "formal", "province": "51"}


class Stage:
    """One of everything, and for each operation that needs a thing in a certain state, one in that state."""

    def __init__(self, place: Place, receiver: Receiver) -> None:
        self._numbers = count(101)
        self.house = house = make_house(place, CREDITBANK_WEBHOOK_PRIVATE=True)
        self.client = make_client(house, *SCOPES, organisation=PROVINCE)
        self.school = make_client(house, *SCOPES)
        self.agency = make_partner(house)
        self.committee = convene(house)
        for person, role in _PEOPLE.items():
            actor = f"client:{self.client.client_id}/{person}"
            groups.add_member(house.runtime, self.committee.group, actor, name=person, role=role, since=SINCE, by=ADMIN)
        own = {"owner": SCHOOL, "code": "20000-1101", "version": "2567", **_COURSE}
        course_entry.enter(house.runtime, [own], by=Actor("user:r", "r", SCHOOL))
        webhook = self.call("POST", "webhooks", {"url": receiver.url, "types": ["credit.posted"]})["id"]
        event = send(house, self.bearer(self.school), completion()).get_json()["events"][0]
        learner = self.asked("learners", issuer=ISSUER, id="s-1")["items"][0]["id"]
        self.learner = learners_bearer(house, learner)
        checkpoints.make(house.runtime)
        self.names = {
            "owner": SCHOOL,
            "code": "20000-1101",
            "version": "2567",
            "number": "1",
            "event_id": event["event_id"],
            "record_id": event["record_id"],
            "learner_id": learner,
            "adoption_id": house.ids["adoption"],
            "group_id": self.committee.group,
            "webhook_id": webhook,
            "item_id": item_ids("ท 1.1")[0],
            "framework_id": self.asked("frameworks")["items"][0]["id"],
            "delivery_id": self._first(f"webhooks/{webhook}/deliveries", state="told")["id"],
        }
        #: What the examples name, and what stands here in its place.
        self.instead = {
            "province-51": PROVINCE,
            "99000001": SCHOOL,
            "ว31101": CODE,
            "client:abc/rater-1": ONE.id,
            "019308a0-6d2e-7c11-9a55-0d6f0a2b3c67": self.names["item_id"],
            "student-0001": "s-3",
            "https://lms.example.ac.th/": ISSUER,
            "https://lms.example.ac.th": ISSUER,
            "https://hooks.example.ac.th/creditbank": receiver.url,
            "cb_…": self.agency.client_id,
        }

    def put_in_place(self, value: Any) -> Any:
        """Return an example with what stands here in the place of what it names; ``…`` is a new token."""
        if isinstance(value, dict):
            return {name: self.put_in_place(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.put_in_place(each) for each in value]
        if value == "…":
            return self.bearer(self.client)["Authorization"].removeprefix("Bearer ")
        return self.instead.get(value, value) if isinstance(value, str) else value

    def bearer(self, client: NewClient) -> dict[str, str]:
        """A token of a machine."""
        return {"Authorization": f"Bearer {ask_token(self.house, client).get_json()['access_token']}"}

    def asked(self, path: str, **query: str) -> Any:
        """What the school is answered to a read."""
        return get(self.house, path, self.bearer(self.school), **query).get_json()

    def call(self, method: str, path: str, body: Json) -> Any:
        """What the school is answered to a call."""
        client = self.house.app.test_client()
        headers = self.bearer(self.school)
        return client.open(f"/creditbank/api/v1/{path}", method=method, json=body, headers=headers).get_json()

    def ready(self, operation: str) -> dict[str, str]:
        """Return the things that the parameters of an operation's address name, each in the state that it is for."""
        made = _READY.get(operation)
        return {**self.names, **(made(self) if made is not None else {})}

    def log_in(self) -> None:
        """Let a learner be logged in at the host."""
        self.house.user.now = HostUser(id="u-1", learner=LearnerIdentity(issuer=ISSUER, id="s-1"))

    def asks_a_learner(self) -> dict[str, str]:
        """The parameters with which an agency asks a learner."""
        told = {"code_challenge": challenge_of(), "code_challenge_method": "S256", "redirect_uri": BACK}
        return {"response_type": "code", "client_id": self.agency.client_id, "scope": "credits:read", **told}

    def _first(self, path: str, **query: str) -> Any:
        """The first thing of a list, once it is there: messages are sent and jobs done beside the requests."""
        for _ in range(400):
            items = self.asked(path, **query)["items"]
            if items:
                return items[0]
            time.sleep(0.05)
        raise AssertionError(f"nothing at {path}")

    def under_review(self) -> dict[str, str]:
        """A record that waits for a person."""
        code = f"พ21{next(self._numbers)}"
        comparison = compare(self.house, add_course(self.house, code))
        adopt(self.house, comparison)
        self.house.bank.hear(completed(9, code=code))
        why = {"ended_from": date(2026, 6, 1), "reason": "หลักสูตรเปลี่ยน", "credits": "review"}
        approvals.withdraw(self.house.runtime, comparison, by=ADMIN, **why)
        while jobs.run_next(self.house.runtime):
            pass
        return {"record_id": self._first("reviews")["record_id"]}

    def open_to_the_public(self) -> dict[str, str]:
        """A comparison that the public may comment on."""
        groups.change_group(self.house.runtime, self.committee.group, by=ADMIN, comment_days=14)
        made = self.committee.propose(course=self.new_course())
        groups.change_group(self.house.runtime, self.committee.group, by=ADMIN, comment_days=0)
        return {"comparison_id": made}

    def new_course(self) -> str:
        """A course that is compared nowhere."""
        return add_course(self.house, f"ง21{next(self._numbers)}", level_group="lower_secondary")

    def subscription(self) -> dict[str, str]:
        """A subscription that may end."""
        told = {"url": "https://8.8.8.8/", "types": ["statement.issued"]}
        return {"webhook_id": self.call("POST", "webhooks", told)["id"]}


def _comparison(how: str) -> Callable[[Stage], dict[str, str]]:
    """A comparison of a course that no other one speaks of."""
    return lambda stage: {"comparison_id": getattr(stage.committee, how)(course=stage.new_course())}


_READY: dict[str, Callable[[Stage], dict[str, str]]] = {
    **{f"{act}_comparison": _comparison("draft") for act in ("edit", "propose")},
    **{f"{act}_comparison": _comparison("propose") for act in ("judge", "rate", "return")},
    **{f"{act}_comparison": _comparison("rated") for act in ("get", "approve", "reject")},
    "text_of_comparison": _comparison("rated"),
    "get_impact": _comparison("rated"),
    "withdraw_comparison": _comparison("approved"),
    "enter_adoption": _comparison("approved"),
    "forecast_adoption": _comparison("approved"),
    **dict.fromkeys(("get_review", "list_reviews", "decide_review"), Stage.under_review),
    "get_public_comparison": Stage.open_to_the_public,
    "list_public_comparisons": Stage.open_to_the_public,
    "comment_on_comparison": Stage.open_to_the_public,
    "delete_webhook": Stage.subscription,
    "revoke_adoption": lambda stage: {
        "adoption_id": adopt(stage.house, compare(stage.house, add_course(stage.house, "ศ21101")))
    },
    "get_report": lambda stage: {"code": "51"},
}


@contextmanager
def staged(place: Place) -> Iterator[Stage]:
    """Set it up, with somebody who listens to webhooks."""
    with receiving() as receiver:
        yield Stage(place, receiver)
