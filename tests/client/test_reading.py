"""Reading: pages, parts, what did not change, changes for ever, and refusals."""

import pytest

from creditbank_client import Api, CreditBank, LearnerTokens, Memory, MemoryStore, Problem, Secret
from creditbank_client.events import completed
from creditbank_client.shapes import ChangePage
from creditbank_plugin.rules.course import LEVEL_GROUPS, SECTORS
from creditbank_plugin.services.access.clients import NewClient
from tests.api.builders import make_client
from tests.builders import CODE, ISSUER, SCHOOL, add_course, moment
from tests.client.world import SOURCE, World, quick
from tests.oauth_world import let_learn, make_partner

READS = ("credits:read", "events:read", "events:write", "catalogue:read", "comparisons:read", "webhooks:manage")


@pytest.fixture(scope="module")
def bank(world: World) -> CreditBank:
    for number in (701, 702, 703):
        let_learn(world.house, number)
    return world.machine(*READS)


@pytest.fixture(scope="module")
def learners_bank(world: World, bank: CreditBank) -> CreditBank:
    made = make_partner(world.house)
    source = LearnerTokens(world.endpoint(made), MemoryStore(world.tokens(made, "s-701")))
    return CreditBank(Api(world.server, source, http=quick()))


def test_a_learner_who_agreed(learners_bank: CreditBank) -> None:
    me = learners_bank.me()
    assert me["scopes"] == ["credits:read"]
    assert [(each["scheme"], each["available"]) for each in learners_bank.my_balances()] == [("basic", "1.50")]
    (record,) = learners_bank.my_records(include=["movements"])
    assert record["course"]["code"] == CODE
    assert [each["kind"] for each in record["movements"]] == ["deposit"]


def test_a_school_and_its_learner(bank: CreditBank) -> None:
    found = bank.learner(ISSUER, "s-701")
    assert found is not None
    assert bank.learner(ISSUER, "s-0") is None
    assert bank.balances(found["id"])[0]["available"] == "1.50"
    (short,) = bank.records(found["id"], fields=["id", "credits"])
    assert set(short) == {"id", "credits"}
    record = bank.record(short["id"])
    assert record["credits"] == "1.50"
    assert "movements" not in record
    assert bank.event(record["event_id"])["state"] == "credited"
    assert bank.comparison(record["comparison_id"])["state"] == "approved"


def test_a_list_is_read_page_by_page_and_only_as_far_as_it_is_needed(world: World, bank: CreditBank) -> None:
    for number in range(5):
        add_course(world.house, f"หน้า{number}")
    whole = [each["code"] for each in bank.courses()]
    assert len(whole) >= 6
    assert [each["code"] for each in bank.courses(limit=2)] == whole
    pages = bank.api.pages("/courses", limit=2)
    assert [each["code"] for each in next(pages)["items"]] == whole[:2]
    assert next(bank.courses("หน้า3"))["code"] == "หน้า3"
    course = bank.course("national", "หน้า3", "2551")
    assert course["counts_for"] == []
    assert next(bank.comparisons(state="approved"))["course"]["code"] == CODE


def test_what_did_not_change_is_not_sent_again(world: World) -> None:
    made = make_client(world.house, "catalogue:read", "catalogue:write")
    http, statuses = quick(), []
    http.session.hooks["response"].append(lambda answer, **_: statuses.append(answer.status_code))
    bank = CreditBank.of_machine(world.api, _secret(made), http=http, memory=Memory())
    add_course(world.house, "จำ1", owner=SCHOOL)
    first = bank.course(SCHOOL, "จำ1", "2551")
    first["title_th"] = "what its reader does with it stays theirs"
    assert bank.course(SCHOOL, "จำ1", "2551")["title_th"] != first["title_th"]
    assert statuses[-2:] == [200, 304]
    said = {"owner": SCHOOL, "code": "จำ1", "version": "2551", "title_th": "ใหม่", "title_en": "New"}
    sent = {**said, "level_group": LEVEL_GROUPS[0], "sector": SECTORS[0]}
    (entry,) = bank.api.send("POST", "/courses:bulk", {"courses": [sent]})["results"]
    assert entry["state"] == "changed", entry
    assert bank.course(SCHOOL, "จำ1", "2551")["title_en"] == "New"
    assert bank.course(SCHOOL, "จำ1", "2551", fields=["code"]) == {"code": "จำ1"}, "another answer under another name"


def test_a_memory_is_bounded() -> None:
    memory = Memory(2)
    for name in "abac":
        memory.keep(name, f"tag-{name}", b"{}")
    assert [memory.recall(name) is not None for name in "abc"] == [True, False, True]


def test_changes_go_on_for_ever_from_where_their_reader_was(world: World) -> None:
    bank = world.machine("credits:read")
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        let_learn(world.house, 710 + len(waits))

    seen: list[ChangePage] = []
    feed = bank.changes(limit=2, every=30, sleep=sleep)
    while len(waits) < 3:
        seen.append(next(feed))
    assert waits == [30, 30, 30]
    ids = [each["id"] for page in seen for each in page["items"]]
    assert len(ids) == len(set(ids)) >= 5
    kept = seen[0]["next"]
    again = bank.changes(kept, limit=200, sleep=sleep)
    assert [each["id"] for each in next(again)["items"]][: len(ids) - 2] == ids[2:]
    assert next(bank.changes("now"))["items"] == []


def test_a_problem_has_a_code_and_speaks_thai_and_english(world: World, bank: CreditBank) -> None:
    with pytest.raises(Problem) as told:
        list(bank.courses(counts="maybe"))
    problem = told.value
    assert (problem.status, problem.code) == (400, "parameter_invalid")
    assert problem.th == "counts: ต้องเป็น true หรือ false"
    assert problem.en == "counts: must be true or false"
    assert [each.field for each in problem.errors] == ["counts"]
    assert problem.request_id
    assert problem.type.endswith("/problems/parameter_invalid")
    english = world.machine("credits:read", language="en")
    with pytest.raises(Problem) as told:
        english.record("019308a0-6d2e-7c11-9a55-0d6f0a2b3c42")
    assert (told.value.code, told.value.th) == ("not_found", None)
    assert told.value.en


@pytest.mark.parametrize("id_", ["", ".", ".."])
def test_an_id_is_one_part_of_an_address(bank: CreditBank, id_: str) -> None:
    with pytest.raises(ValueError, match="empty"):
        bank.record(id_)
    with pytest.raises(Problem):
        bank.record("a/../../me?x=1#y")


def test_webhooks_are_subscribed_rotated_and_ended(bank: CreditBank) -> None:
    made = bank.subscribe("https://8.8.8.8/hook", ["credit.posted"], organisation=SCHOOL)
    assert made["secret"].startswith("whsec_")
    assert bank.rotate_secret(made["id"])["secret"] != made["secret"]
    assert [each["id"] for each in bank.subscriptions()] == [made["id"]]
    assert bank.unsubscribe(made["id"])["id"] == made["id"]
    assert bank.subscriptions() == []


def test_the_source_of_a_message_is_found_in_the_inbox(bank: CreditBank) -> None:
    learner = {"id": "s-720", "issuer": ISSUER}
    told = completed("in-1", SOURCE, learner, {"code": CODE}, moment())  # type: ignore[arg-type]
    (answer,) = bank.send([told])
    assert next(bank.events(state="credited"))["event_id"] == answer["event_id"]


def _secret(made: NewClient) -> Secret:
    return Secret(made.client_id, str(made.client_secret))
