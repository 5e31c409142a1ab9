"""Long work: begun, shown, stopped, refused, taken over when its process dies, and done once."""

import importlib
import re
import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from creditbank_plugin import services
from creditbank_plugin.errors import Refused
from creditbank_plugin.services import jobs
from creditbank_plugin.services.jobs import Progress, Stopped, long_work
from creditbank_plugin.services.long_work import KINDS
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.worker import Worker
from creditbank_plugin.storage.queries import jobs as rows
from creditbank_plugin.storage.session import writing
from tests.builders import OTHER_SCHOOL, PROVINCE, SCHOOL, House, Place, furnish, make_app

STEPS = 3


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    """Kinds of work that these tests alone know."""
    before = dict(KINDS)

    @long_work("count")
    def count(runtime: Runtime, wanted: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        for step in range(wanted["steps"]):
            progress.at(step + 1, wanted["steps"])
        return {"counted": wanted["steps"]}

    @long_work("refuse")
    def refuse(runtime: Runtime, wanted: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        raise Refused("too_much", "มากเกินไป", "Too much.")

    @long_work("break")
    def break_(runtime: Runtime, wanted: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        raise ValueError("นักเรียนทดลอง 1")

    yield
    KINDS.clear()
    KINDS.update(before)


@pytest.fixture
def bank(place: Place) -> House:
    """A bank whose long work is left to workers, so that a test says when it is done."""
    return furnish(make_app(place.folder, place.url, CREDITBANK_SETTLE="worker"))


def start(house: House, kind: str = "count", **wanted: Any) -> str:
    return jobs.start(house.runtime, kind, {"steps": STEPS, **wanted}, by="user:u-1", organisation=SCHOOL)


def seen(house: House, job_id: str) -> tuple[str, int, Any, Any]:
    row = jobs.get(house.runtime, job_id, acting_for=None)
    return row.state, row.done, row.result, row.fault


def test_work_is_queued_and_done_once(bank: House) -> None:
    job_id = start(bank)
    assert seen(bank, job_id) == ("queued", 0, None, None)
    assert jobs.run_next(bank.runtime)
    assert seen(bank, job_id) == ("done", STEPS, {"counted": STEPS}, None)
    assert not jobs.run_next(bank.runtime)
    assert not jobs.run(bank.runtime, job_id)


def test_a_refusal_is_kept_with_its_sentences(bank: House) -> None:
    job_id = start(bank, "refuse")
    jobs.run_next(bank.runtime)
    assert seen(bank, job_id)[0] == "failed"
    assert seen(bank, job_id)[3] == {"code": "too_much", "th": "มากเกินไป", "en": "Too much."}


def test_a_fault_is_kept_without_the_text_of_its_exception(bank: House, caplog: pytest.LogCaptureFixture) -> None:
    job_id = start(bank, "break")
    jobs.run_next(bank.runtime)
    state, _, _, fault = seen(bank, job_id)
    assert (state, fault["code"]) == ("failed", "internal")
    assert "ValueError" in caplog.text
    assert "นักเรียน" not in caplog.text + str(fault)


def test_a_stopped_job_ends_at_its_next_step(bank: House) -> None:
    job_id = start(bank)
    with writing(bank.runtime.engine) as connection:
        taken = rows.take(connection, job_id, bank.runtime.clock(), bank.runtime.clock() - jobs.SILENT)
    assert taken is not None
    jobs.stop(bank.runtime, job_id, acting_for=SCHOOL)
    with pytest.raises(Stopped):
        Progress(bank.runtime, job_id, taken.attempts).at(1, STEPS)
    assert seen(bank, job_id)[0] == "stopped"
    assert not jobs.run_next(bank.runtime)


def test_what_a_dead_process_began_is_taken_over_and_the_dead_one_may_not_go_on(bank: House) -> None:
    job_id, now = start(bank), bank.runtime.clock()
    with writing(bank.runtime.engine) as connection:
        first = rows.take(connection, job_id, now, now - jobs.SILENT)
    assert first is not None
    assert not jobs.run_next(bank.runtime), "it still may live"
    bank.runtime.clock = lambda: now + jobs.SILENT + timedelta(seconds=1)
    assert jobs.run_next(bank.runtime)
    assert seen(bank, job_id)[:2] == ("done", STEPS)
    with pytest.raises(Stopped):
        Progress(bank.runtime, job_id, first.attempts).at(STEPS, STEPS)


def test_only_one_of_many_workers_does_it(bank: House) -> None:
    job_id, ran = start(bank), []
    threads = [threading.Thread(target=lambda: ran.append(jobs.run(bank.runtime, job_id))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ran) == [False] * 5 + [True]


def test_others_do_not_see_it(bank: House) -> None:
    job_id = start(bank)
    for acting_for in (SCHOOL, PROVINCE, None):
        assert jobs.get(bank.runtime, job_id, acting_for=acting_for).id == job_id
    for wrong in (job_id[:-1], "../1", "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(Refused, match="not_found"):
            jobs.get(bank.runtime, wrong, acting_for=None)
    for call in (jobs.get, jobs.stop):
        with pytest.raises(Refused, match="not_found"):
            call(bank.runtime, job_id, acting_for=OTHER_SCHOOL)


def test_where_settling_is_inline_it_is_begun_beside_the_request(place: Place) -> None:
    house = furnish(make_app(place.folder, place.url))
    job_id = start(house)
    for thread in threading.enumerate():
        if thread.name.endswith(job_id):
            thread.join(20)
    assert seen(house, job_id)[0] == "done"


def test_a_worker_does_it_too(bank: House) -> None:
    job_id = start(bank)
    Worker(bank.runtime).run(once=True)
    for thread in threading.enumerate():
        if thread.name == "creditbank job":
            thread.join(20)
    assert seen(bank, job_id)[0] == "done"


def test_every_module_with_long_work_is_known_to_the_worker() -> None:
    folder = Path(services.__file__).parent
    with_work = {
        path.stem
        for path in folder.rglob("*.py")
        if re.search(r"^@(jobs\.)?long_work\(", path.read_text(), re.MULTILINE)
    }
    assert with_work
    known = importlib.import_module("creditbank_plugin.services.long_work")
    assert with_work <= set(vars(known))


def test_a_process_works_on_few_at_a_time(place: Place) -> None:
    house = furnish(make_app(place.folder, place.url))
    begun, go_on = threading.Semaphore(0), threading.Event()

    @long_work("hold")
    def hold(runtime: Runtime, wanted: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        begun.release()
        assert go_on.wait(30)
        return {}

    made = [start(house, "hold") for _ in range(jobs.TOGETHER + 2)]
    for _ in range(jobs.TOGETHER):
        assert begun.acquire(timeout=30)
    assert sorted(seen(house, job_id)[0] for job_id in made) == ["queued"] * 2 + ["running"] * jobs.TOGETHER
    go_on.set()
    for thread in threading.enumerate():
        if thread.name.startswith("creditbank job"):
            thread.join(30)
    assert {seen(house, job_id)[0] for job_id in made} == {"done"}
