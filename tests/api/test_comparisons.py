"""Comparisons through the API: the whole way, who may, what a reader sees, and what is refused."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from creditbank_hooks import Course
from creditbank_plugin.rules.scopes import (
    COMPARISONS_APPROVE,
    COMPARISONS_PROPOSE,
    COMPARISONS_RATE,
    COMPARISONS_READ,
)
from creditbank_plugin.services import events
from creditbank_plugin.services.catalogue.frameworks import load_frameworks
from creditbank_plugin.services.comparing import groups
from tests.api.builders import API, ask_token, get, make_client, make_house
from tests.builders import BANK, OTHER_SCHOOL, PROVINCE, SCHOOL, House, adopt, completed, core_curriculum, item_ids
from tests.committee import ADMIN, NEW_CODE, SINCE, Committee, convene

SCOPES = {
    "writer": (COMPARISONS_PROPOSE, "secretary"),
    "one": (COMPARISONS_RATE, "rater"),
    "two": (COMPARISONS_RATE, "rater"),
    "chair": (COMPARISONS_APPROVE, "chair"),
}
RATING = {"design": "met", "measurement": "partly", "quality": "met", "level": 2, "advice": "approve"}


class Agency:
    """Clients of a province, each a member of the group by its own scope."""

    def __init__(self, house: House, committee: Committee) -> None:
        self.house, self.committee = house, committee
        self.tokens: dict[str, dict[str, str]] = {}
        self.ids: dict[str, str] = {}
        for name, (scope, role) in SCOPES.items():
            self.tokens[name] = self.client(name, COMPARISONS_READ, scope)
            self.appoint(f"client:{self.ids[name]}", role)

    def client(self, name: str, *scopes: str, organisation: str = PROVINCE) -> dict[str, str]:
        made = make_client(self.house, *scopes, organisation=organisation)
        self.ids[name] = made.client_id
        return {"Authorization": f"Bearer {ask_token(self.house, made).get_json()['access_token']}"}

    def appoint(self, actor: str, role: str) -> None:
        groups.add_member(self.house.runtime, self.committee.group, actor, name=actor, role=role, since=SINCE, by=ADMIN)

    def send(self, name: str, path: str, method: str = "POST", match: str | None = None, **body: Any) -> TestResponse:
        headers = {**self.tokens[name], **({"If-Match": match} if match is not None else {})}
        return self.house.app.test_client().open(f"{API}/comparisons{path}", method=method, headers=headers, json=body)

    def read(self, name: str, path: str = "", **query: str) -> TestResponse:
        return get(self.house, f"comparisons{path}", self.tokens[name], **query)

    def draft(self, **body: Any) -> str:
        told = {
            "course": {"owner": "national", "code": NEW_CODE, "version": "2551"},
            "outcomes": item_ids("ท 1.1", "ท 2.1"),
            "conditions": {"min_score": 50},
            "applies_from": "2020-01-01",
            **body,
        }
        answer = self.send("writer", "", **told)
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["id"])

    def proposed(self, **body: Any) -> str:
        made = self.draft(**body)
        assert self.send("writer", f"/{made}/propose").status_code == 200
        return made


@pytest.fixture
def agency(place: Any) -> Agency:
    house = make_house(place)
    return Agency(house, convene(house))


def test_the_whole_way_credits_who_waited(agency: Agency) -> None:
    house = agency.house
    adopt(house, None, BANK, body=PROVINCE)
    house.bank.hear(completed(1, course=Course(code=NEW_CODE)))
    made = agency.draft()
    draft = agency.read("writer", f"/{made}")
    said = draft.get_json()
    assert (said["state"], said["credits"], said["scheme"], said["credits_rule"]) == ("draft", "1.50", "basic", "BE-H1")
    assert draft.headers["ETag"].startswith('"1-')
    edited = agency.send(
        "writer", f"/{made}", "PATCH", '"1"', hours={"theory": 40, "practice": "20.5"}, evidence=[{"title": "แผน"}]
    )
    assert edited.status_code == 200
    assert edited.get_json()["hours"] == {"theory": 40, "practice": 20.5}
    assert agency.send("writer", f"/{made}/propose").get_json()["state"] == "proposed"
    assert agency.send("one", f"/{made}/rate", **RATING).get_json()["state"] == "under_judgement"
    assert agency.send("chair", f"/{made}/approve", reference="ประกาศ 1/2569").get_json()["code"] == "ratings_missing"
    assert agency.send("two", f"/{made}/rate", **{**RATING, "design": "partly"}).status_code == 200
    text = agency.read("chair", f"/{made}/text", reference="ประกาศ 1/2569").get_json()
    signed = agency.send("chair", f"/{made}/approve", reference="ประกาศ 1/2569", text_digest=text["digest"]).get_json()
    assert (signed["state"], signed["reference"], signed["differing"]) == ("approved", "ประกาศ 1/2569", ["design"])
    assert signed["steps"][-1]["signed"] == text["text"]
    assert [each["action"] for each in signed["steps"]] == [
        *("create", "edit", "propose", "judge", "rate", "rate", "approve")
    ]
    assert events.page(house.runtime, search=NEW_CODE).items[0].comparison_id == made
    ended = agency.send("chair", f"/{made}/withdraw", ended_from="2026-06-01", reason="หลักสูตรเปลี่ยน")
    assert (ended.get_json()["state"], ended.get_json()["ended_from"]) == ("withdrawn", "2026-06-01")


def test_nothing_is_dated_back_over_what_was_credited(agency: Agency) -> None:
    house = agency.house
    adopt(house, None, BANK, body=PROVINCE)

    def judged(**body: Any) -> TestResponse:
        made = agency.proposed(**body)
        for name in ("one", "two"):
            assert agency.send(name, f"/{made}/rate", **RATING).status_code == 200
        return agency.send("chair", f"/{made}/approve", reference="ประกาศ 2/2569")

    assert judged().status_code == 200
    house.bank.hear(completed(1, course=Course(code=NEW_CODE)))
    late = judged(applies_from="2026-02-01")
    assert (late.status_code, late.get_json()["code"]) == (409, "back_dated")
    (error,) = late.get_json()["errors"]
    assert error["field"] == "applies_from"
    assert "ผู้เรียน 1 คน 1 รายการ" in error["th"]
    assert "1 learners, 1 completions" in error["en"]
    states = sorted(each["state"] for each in agency.read("chair").get_json()["items"])
    assert states == ["approved", "approved", "under_judgement"], "nothing is half done"
    assert events.page(house.runtime, search=NEW_CODE).items[0].state == "credited"


def test_a_scope_alone_decides_nothing(agency: Agency) -> None:
    made = agency.proposed()
    everything = (COMPARISONS_READ, COMPARISONS_PROPOSE, COMPARISONS_RATE, COMPARISONS_APPROVE)
    agency.tokens["stranger"] = agency.client("stranger", *everything)
    for path, body in (
        ("rate", RATING),
        ("approve", {"reference": "x"}),
        ("return", {"reason": "x"}),
        ("reject", {"reason": "x"}),
        ("withdraw", {}),
        ("judge", {}),
        ("propose", {}),
    ):
        answer = agency.send("stranger", f"/{made}/{path}", **body)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "not_a_member"), path
    assert agency.send("stranger", "", course=agency.committee.course).status_code == 403
    agency.tokens["all"] = agency.client("all", *everything)
    agency.appoint(f"client:{agency.ids['all']}", "secretary")
    assert agency.send("all", f"/{made}/approve", reference="x").get_json()["code"] == "not_your_role"


def test_membership_without_the_scope_is_not_enough(agency: Agency) -> None:
    made = agency.proposed()
    for name, path in (("writer", "rate"), ("one", "approve"), ("chair", "propose"), ("two", "reject")):
        answer = agency.send(name, f"/{made}/{path}")
        assert (answer.status_code, answer.get_json()["code"]) == (403, "insufficient_scope")


def test_nobody_judges_their_own(agency: Agency) -> None:
    everything = (COMPARISONS_READ, COMPARISONS_PROPOSE, COMPARISONS_RATE, COMPARISONS_APPROVE)
    agency.tokens["both"] = agency.client("both", *everything)
    for role in ("chair",):
        agency.appoint(f"client:{agency.ids['both']}", role)
    made = agency.send(
        "both", "", course=agency.committee.course, outcomes=item_ids("ท 1.1"), applies_from="2020-01-01"
    ).get_json()["id"]
    assert agency.send("both", f"/{made}/propose").status_code == 200
    answer = agency.send("both", f"/{made}/approve", reference="x")
    assert (answer.status_code, answer.get_json()["code"]) == (403, "own_proposal")


def test_a_client_names_its_people_and_each_is_somebody_else(agency: Agency) -> None:
    agency.tokens["office"] = agency.client("office", COMPARISONS_READ, COMPARISONS_RATE)
    for person in ("r1", "r2"):
        agency.appoint(f"client:{agency.ids['office']}/{person}", "rater")
    made = agency.proposed()
    assert agency.send("office", f"/{made}/rate", **RATING).get_json()["code"] == "not_a_member"
    assert agency.send("office", f"/{made}/rate", on_behalf_of="r1", **RATING).status_code == 200
    assert agency.send("office", f"/{made}/rate", on_behalf_of="r1", **RATING).get_json()["code"] == "already_rated"
    other = agency.read("office", f"/{made}", on_behalf_of="r2").get_json()
    assert (other["ratings"], other["rated"], other["may"]) == ([], 1, ["rate"])
    assert agency.read("office", f"/{made}").get_json()["ratings"] == []
    assert agency.send("office", f"/{made}/rate", on_behalf_of="r2", **RATING).status_code == 200
    assert len(agency.read("office", f"/{made}", on_behalf_of="r2").get_json()["ratings"]) == 2
    assert agency.send("office", f"/{made}/rate", on_behalf_of="ผู้ประเมิน", **RATING).status_code == 422


def test_a_rating_is_hidden_from_who_is_still_to_rate(agency: Agency) -> None:
    made = agency.proposed()
    agency.send("one", f"/{made}/rate", **RATING)
    hidden = agency.read("two", f"/{made}")
    assert hidden.get_json()["ratings"] == []
    assert "partly" not in hidden.text
    assert agency.read("writer", f"/{made}").get_json()["ratings"] == []
    assert len(agency.read("chair", f"/{made}").get_json()["ratings"]) == 1


def test_who_was_slower_is_told_who_changed_it(agency: Agency) -> None:
    made = agency.draft()
    assert agency.send("writer", f"/{made}", "PATCH", credits="1.00").status_code == 428
    assert agency.send("writer", f"/{made}", "PATCH", "nonsense", credits="1.00").status_code == 412
    assert agency.send("writer", f"/{made}", "PATCH", "*", credits="1.00").get_json()["code"] == "precondition_failed"
    assert agency.send("writer", f"/{made}", "PATCH", '"1"', credits="1.00").headers["ETag"] == '"2"'
    late = agency.send("writer", f"/{made}", "PATCH", '"1"', credits="0.50")
    assert (late.status_code, late.get_json()["code"]) == (412, "changed_meanwhile")
    assert agency.ids["writer"] in late.get_json()["detail"]
    assert agency.read("writer", f"/{made}").get_json()["credits"] == "1.00"
    stale = agency.send("writer", f"/{made}/propose", match='"1"')
    assert (stale.status_code, stale.get_json()["code"]) == (412, "changed_meanwhile")
    assert agency.send("writer", f"/{made}/propose", match="").status_code == 412, (
        "an empty one names nothing that was read"
    )
    assert agency.send("writer", f"/{made}/propose", match="*").status_code == 200


def test_every_act_answers_a_stale_etag_alike(agency: Agency) -> None:
    made, law = agency.proposed(), agency.house.ids["comparison"]
    agency.tokens["office"] = agency.client("office", COMPARISONS_READ, COMPARISONS_APPROVE)
    for who, one, act, body in (
        ("chair", made, "judge", {}),
        ("one", made, "rate", RATING),
        ("chair", made, "approve", {"reference": "x"}),
        ("chair", made, "return", {"reason": "x"}),
        ("chair", made, "reject", {"reason": "x"}),
        ("writer", made, "withdraw", {"reason": "x"}),
        ("office", law, "withdraw", {"reason": "x", "ended_from": "2026-06-01"}),
    ):
        for match, code in (('"9"', "changed_meanwhile"), ("nonsense", "precondition_failed")):
            late = agency.send(who, f"/{one}/{act}", match=match, **body)
            assert (late.status_code, late.get_json()["code"]) == (412, code), act


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"course": None}, "course"),
        ({"course": {"owner": "national", "code": NEW_CODE}}, "course"),
        ({"course": {"owner": "national", "code": "ไม่มี", "version": "2551"}}, "course"),
        ({"course": "nonsense"}, "course"),
        ({"group": "nonsense"}, "group"),
        ({"credits": "1.234"}, "credits"),
        ({"credits": True}, "credits"),
        ({"credits": [1]}, "credits"),
        ({"credits": 1e9}, "credits"),
        ({"scheme": "gold"}, "scheme"),
        ({"nqf_level": 9, "nqf_level_basis": "standard"}, "nqf_level"),
        ({"nqf_level": "3"}, "nqf_level"),
        ({"nqf_level": 10**30}, "nqf_level"),
        ({"outcomes": ["nonsense"]}, "outcomes"),
        ({"outcomes": "x"}, "outcomes"),
        ({"hours": [1]}, "hours"),
        ({"hours": {"sleep": 8}}, "hours"),
        ({"conditions": {"min_luck": 1}}, "conditions"),
        ({"conditions": [1]}, "conditions"),
        ({"evidence": ["แผน"]}, "evidence"),
        ({"evidence": [{"title": "แผน", "url": "javascript:alert(1)"}]}, "evidence"),
        ({"applies_from": "2569-01-01"}, "applies_from"),
        ({"applies_until": "2019-01-01"}, "applies_until"),
        ({"replaces": "nonsense"}, "replaces"),
        ({"surprise": 1}, None),
    ],
)
def test_what_cannot_be_is_said_at_its_field(shared_agency: Agency, body: dict[str, Any], field: str | None) -> None:
    told = {"course": shared_agency.committee.course, "applies_from": "2020-01-01", **body}
    answer = shared_agency.send("writer", "", **told)
    assert answer.status_code == 422, answer.text
    assert answer.content_type == "application/problem+json"
    if field is not None:
        assert answer.get_json()["errors"][0]["field"] == field


@pytest.fixture(scope="module")
def shared_agency(shared_place: Any) -> Agency:
    house = make_house(shared_place)
    return Agency(house, convene(house))


def test_others_read_what_is_law_and_nothing_else(agency: Agency) -> None:
    house = agency.house
    agency.tokens["bank"] = agency.client("bank", COMPARISONS_READ, organisation=OTHER_SCHOOL)
    made = agency.proposed()
    assert agency.read("bank", f"/{made}").status_code == 404
    law = house.ids["comparison"]
    assert [each["id"] for each in agency.read("bank").get_json()["items"]] == [law]
    shown = agency.read("bank", f"/{law}").get_json()
    assert [each["action"] for each in shown["steps"]] == ["enter_paper"]
    assert shown["steps"][0]["actor"] is None
    assert [each["id"] for each in agency.read("writer").get_json()["items"]] == [made, law]


def test_lists_are_filtered_and_go_on(agency: Agency) -> None:
    made, law = agency.draft(), agency.house.ids["comparison"]

    def ids(**query: str) -> list[str]:
        return [each["id"] for each in agency.read("writer", **query).get_json()["items"]]

    assert ids(state="draft") == ids(group=agency.committee.group) == ids(course=f"national/{NEW_CODE}/2551") == [made]
    assert ids(course=agency.committee.course) == [made]
    assert ids(state="approved") == [law]
    assert ids(body=PROVINCE) == [made, law]
    assert ids(course="national/none/1") == ids(group="nonsense") == ids(body=SCHOOL) == []
    first = agency.read("writer", limit="1").get_json()
    assert ids(limit="1", cursor=first["next"]) == [law]
    assert agency.read("writer", state="gold").status_code == 400
    assert agency.read("writer", cursor="gold").status_code == 400


def test_a_draft_is_withdrawn_by_who_wrote_it(agency: Agency) -> None:
    made = agency.proposed()
    assert agency.send("chair", f"/{made}/withdraw").get_json()["code"] == "not_your_role"
    assert agency.send("writer", f"/{made}/withdraw", reason="ผิดรายวิชา").get_json()["state"] == "withdrawn"


def test_law_is_withdrawn_by_a_client_that_may_decide_and_by_no_other(agency: Agency) -> None:
    for name, scope in (("desk", COMPARISONS_PROPOSE), ("office", COMPARISONS_APPROVE)):
        agency.tokens[name] = agency.client(name, COMPARISONS_READ, scope)
        agency.appoint(f"client:{agency.ids[name]}/chair", "chair")
    made = agency.proposed()
    for name in ("one", "two"):
        agency.send(name, f"/{made}/rate", **RATING)
    assert agency.send("chair", f"/{made}/approve", reference="ประกาศ 1").status_code == 200
    told = {"ended_from": "2026-06-01", "reason": "หลักสูตรเปลี่ยน", "on_behalf_of": "chair"}
    refused = agency.send("desk", f"/{made}/withdraw", **told)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "insufficient_scope")
    assert agency.send("office", f"/{made}/withdraw", **told).get_json()["state"] == "withdrawn"


def test_groups_are_public_and_their_figures_the_committees(agency: Agency) -> None:
    agency.tokens["bank"] = agency.client("bank", COMPARISONS_READ, organisation=OTHER_SCHOOL)
    path = f"working-groups/{agency.committee.group}"
    ours = get(agency.house, path, agency.tokens["writer"]).get_json()
    assert ours["figures"]["agreement"]["design"] == {
        "rounds": 0,
        "pairs": 0,
        "agreeing": 0,
        "percent": None,
        "small": True,
    }
    assert {each["role"] for each in ours["members"]} == {"secretary", "rater", "chair"}
    theirs = get(agency.house, path, agency.tokens["bank"]).get_json()
    assert theirs["figures"] is None
    assert {each["actor"] for each in theirs["members"]} == {None}
    assert get(agency.house, "working-groups/nonsense", agency.tokens["bank"]).status_code == 404
    assert len(get(agency.house, "working-groups", agency.tokens["bank"]).get_json()["items"]) == 1


def test_the_code_stands_as_the_title_of_an_outcome_whose_text_is_not_sourced(agency: Agency) -> None:
    core = core_curriculum()
    load_frameworks(agency.house.runtime, [core])
    unsourced = next(item for item in core.items if not item.text_th)
    made = agency.draft(outcomes=[unsourced.id])
    (outcome,) = agency.read("writer", f"/{made}").get_json()["outcomes"]
    assert outcome["title"] == {"th": unsourced.code, "en": unsourced.text_en}
