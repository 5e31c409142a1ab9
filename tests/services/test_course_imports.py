"""A province's file on its way: what its columns mean, checked in chunks, looked at, loaded once, whatever dies."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from creditbank_hooks import Course
from creditbank_plugin.errors import Refused
from creditbank_plugin.services import jobs, organisations
from creditbank_plugin.services.actor import Actor, administrator
from creditbank_plugin.services.catalogue import courses
from creditbank_plugin.services.importing import course_imports, import_check, import_publish, import_work
from creditbank_plugin.services.jobs import SILENT
from creditbank_plugin.storage import tables
from creditbank_plugin.storage.queries import imports
from creditbank_plugin.storage.session import reading, writing
from tests.builders import OTHER_SCHOOL, PROVINCE, SCHOOL, House, Place, completed, furnish, make_app
from tests.formats import sheet_files as made

OFFICER = Actor("user:o-1", "เจ้าหน้าที่", PROVINCE)
ADMIN = administrator("test")
HEADING = ["รหัสวิชา", "ปีหลักสูตร", "ชื่อวิชา", "ระดับ", "รูปแบบการศึกษา", "ทฤษฎี"]


def course(number: int, title: str = "วิชา", **more: Any) -> list[Any]:
    return [f"20000-{number:04}", "2567", f"{title} {number}", "ปวช.", "ในระบบ", more.get("hours", "40")]


class Desk:
    def __init__(self, house: House) -> None:
        self.house, self.runtime = house, house.runtime

    def upload(
        self, rows: list[list[Any]], by: Actor = OFFICER, heading: list[str] = HEADING, province: str = "51"
    ) -> str:
        content = made.xlsx([heading, *rows])
        return course_imports.upload(self.runtime, content, "a.xlsx", by=by, province=province)

    def get(self, import_id: str) -> Any:
        return course_imports.get(self.runtime, import_id, acting_for=None)

    def check(self, import_id: str, by: Actor = OFFICER, **columns: int) -> Any:
        columns = columns or self.get(import_id).mapping["columns"]
        course_imports.check(self.runtime, import_id, columns, by=by)
        return self.work(import_id)

    def load(self, import_id: str, by: Actor = OFFICER, **more: Any) -> Any:
        course_imports.load(self.runtime, import_id, by=by, **more)
        return self.work(import_id)

    def work(self, import_id: str) -> Any:
        while jobs.run_next(self.runtime):
            pass
        return self.get(import_id)

    def courses(self) -> dict[str, Any]:
        with reading(self.runtime.engine) as connection:
            rows = connection.execute(tables.CourseVersion.__table__.select()).all()
        return {row.code: row for row in rows if row.owner_code != "national"}

    def staged(self, import_id: str) -> int:
        with reading(self.runtime.engine) as connection:
            number = select(func.count()).where(tables.ImportRow.import_id == import_id)
            return connection.scalar(number) or 0


@pytest.fixture
def desk(place: Place) -> Desk:
    return Desk(furnish(make_app(place.folder, place.url, CREDITBANK_SETTLE="manual")))


def counts(row: Any) -> tuple[str, int, int, int, int]:
    return (row.state, *(row.counts[state] for state in import_check.STATES))


def code_of(act: Any, *arguments: Any, **more: Any) -> str:
    with pytest.raises(Refused) as refusal:
        act(*arguments, **more)
    return refusal.value.code


def test_from_upload_to_courses(desk: Desk) -> None:
    desk.house.bank.hear(completed(1, course=Course(code="20000-0001", owner=PROVINCE)))
    import_id = desk.upload([course(1), course(2), ["x", 2008, "", "", ""]])
    row = desk.get(import_id)
    assert (row.state, row.organisation_code, row.file_name) == ("mapping", PROVINCE, "a.xlsx")
    assert row.mapping["columns"]["code"] == 0
    assert row.mapping["sample"][0][:2] == ["20000-0001", "2567"]
    assert counts(desk.check(import_id)) == ("checked", 2, 0, 0, 1)
    assert desk.courses() == {}
    assert counts(desk.load(import_id)) == ("loaded", 2, 0, 0, 1)
    assert set(desk.courses()) == {"20000-0001", "20000-0002"}
    with reading(desk.runtime.engine) as connection:
        assert imports.content(connection, import_id) is None
        woken = connection.exec_driver_sql("select count(*) from creditbank_woken").scalar()
        queued = connection.exec_driver_sql("select count(*) from creditbank_queue").scalar()
    assert (woken or 0) + (queued or 0) == 1
    assert desk.staged(import_id) == 1  # what was refused can still be looked at
    (refused,) = course_imports.rows(desk.runtime, import_id, "refused", limit=10)
    assert [fault["code"] for fault in refused.faults] == ["version_is_ce", "missing", "missing", "missing"]
    assert refused.content["told"]["version"] == "2008"


def test_the_same_file_again_changes_nothing_and_an_edit_shows_both(desk: Desk) -> None:
    first = desk.upload([course(1), course(2)])
    desk.check(first)
    desk.load(first)
    again = desk.upload([course(1), course(2, "ใหม่"), course(3)])
    assert counts(desk.check(again)) == ("checked", 1, 1, 1, 0)
    (changed,) = course_imports.rows(desk.runtime, again, "changed", limit=10)
    assert changed.content["was"] == {"title_th": "วิชา 2"}
    assert changed.content["values"]["title_th"] == "ใหม่ 2"
    desk.load(again)
    found = desk.courses()
    assert [(found[code].title_th, found[code].revision) for code in sorted(found)] == [
        ("วิชา 1", 1),
        ("ใหม่ 2", 2),
        ("วิชา 3", 1),
    ]
    third = desk.upload([course(1), course(2, "ใหม่"), course(3)])
    assert counts(desk.check(third)) == ("checked", 0, 0, 3, 0)


def test_a_column_that_a_file_does_not_have_stays_as_it_was(desk: Desk) -> None:
    first = desk.upload([course(1)])
    desk.check(first)
    desk.load(first)
    without = desk.upload([course(1, "อื่น")[:5]], heading=HEADING[:5])
    desk.check(without)
    desk.load(without)
    found = desk.courses()["20000-0001"]
    assert (found.title_th, found.hours_theory, found.revision) == ("อื่น 1", 4000, 2)
    emptied = desk.upload([[*course(1, "อื่น")[:5], None]])
    (row,) = course_imports.rows(desk.runtime, desk.check(emptied).id, "changed", limit=1)
    assert row.content["was"] == {"hours": 4000, "hours_theory": 4000}


def test_what_columns_mean_is_remembered_for_the_province(desk: Desk) -> None:
    strange, rows = ["ก", "ข", "ค", "ง", "จ"], [course(1)[:5]]
    first = desk.upload(rows, heading=strange)
    assert desk.get(first).mapping["columns"] == {}
    assert code_of(course_imports.check, desk.runtime, first, {"code": 0}, by=OFFICER) == "column_missing"
    columns = {"code": 0, "version": 1, "title_th": 2, "level_group": 3, "sector": 4}
    twice = {**columns, "title_en": 2}
    assert code_of(course_imports.check, desk.runtime, first, twice, by=OFFICER) == "column_twice"
    assert counts(desk.check(first, **columns)) == ("checked", 1, 0, 0, 0)
    later = desk.get(desk.upload(rows, heading=[f" {each} " for each in strange]))
    assert later.mapping["columns"] == columns
    assert later.mapping["remembered"]
    assert desk.get(desk.upload(rows, ADMIN, strange, "50")).mapping["columns"] == {}


def test_rows_are_staged_in_chunks_and_a_later_row_takes_an_earlier_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_check, "CHUNK", 3)
    import_id = desk.upload([*(course(number) for number in range(1, 9)), course(2, "อื่น"), course(3)])
    assert counts(desk.check(import_id)) == ("checked", 7, 0, 1, 2)
    refused = course_imports.rows(desk.runtime, import_id, "refused", limit=10)
    assert [(row.number, row.faults[0]["code"], row.content["told"]["title_th"]) for row in refused] == [
        (3, "duplicate_title", "วิชา 2"),
        (10, "duplicate_title", "อื่น 2"),
    ]
    desk.load(import_id)
    assert "20000-0002" not in desk.courses()


def test_checking_that_dies_goes_on_where_it_was(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_check, "CHUNK", 2)
    import_id = desk.upload([*(course(number) for number in range(1, 8)), course(1, "อื่น")])
    course_imports.check(desk.runtime, import_id, desk.get(import_id).mapping["columns"], by=OFFICER)
    real, calls = imports.add_rows, []

    def dies(connection: Any, rows: Any) -> None:
        calls.append(len(rows))
        real(connection, rows)
        if len(calls) == 3:
            raise KeyboardInterrupt  # as if the process were killed: nothing of this chunk is kept

    monkeypatch.setattr(imports, "add_rows", dies)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_next(desk.runtime)
    assert (desk.get(import_id).state, desk.get(import_id).rows_read, desk.staged(import_id)) == ("checking", 5, 4)
    assert not jobs.run_next(desk.runtime)  # its worker might still live
    now = desk.runtime.clock()
    desk.runtime.clock = lambda: now + SILENT * 2
    assert counts(desk.work(import_id)) == ("checked", 6, 0, 0, 2)
    assert (calls[3:], desk.staged(import_id)) == ([2, 2], 8)


def test_loading_that_dies_leaves_nothing_and_is_begun_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = desk.upload([course(number) for number in range(1, 6)])
    desk.check(import_id)
    course_imports.load(desk.runtime, import_id, by=OFFICER)
    real = import_publish.courses.put_planned

    def dies(*arguments: Any) -> None:
        assert real(*arguments) is not None  # everything is written, nothing committed
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(import_publish.courses, "put_planned", dies)
        with pytest.raises(KeyboardInterrupt):
            jobs.run_next(desk.runtime)
    assert desk.courses() == {}
    assert desk.get(import_id).state == "loading"
    now = desk.runtime.clock()
    desk.runtime.clock = lambda: now + SILENT * 2
    assert counts(desk.work(import_id)) == ("loaded", 5, 0, 0, 0)
    assert len(desk.courses()) == 5


def test_loading_that_dies_after_the_commit_is_loaded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = desk.upload([course(1), ["x"]])
    desk.check(import_id)
    course_imports.load(desk.runtime, import_id, by=OFFICER)

    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(imports, "forget_rows", dies)
        with pytest.raises(KeyboardInterrupt):
            jobs.run_next(desk.runtime)
    assert desk.get(import_id).state == "loaded"
    now = desk.runtime.clock()
    desk.runtime.clock = lambda: now + SILENT * 2
    assert desk.work(import_id).state == "loaded"
    assert desk.courses()["20000-0001"].revision == 1


def test_two_who_load_the_same_change_nothing_twice(desk: Desk) -> None:
    one, two = desk.upload([course(1)]), desk.upload([course(1)])
    assert counts(desk.check(one)) == counts(desk.check(two)) == ("checked", 1, 0, 0, 0)
    course_imports.load(desk.runtime, one, by=OFFICER)
    assert code_of(course_imports.load, desk.runtime, one, by=OFFICER) == "import_state"
    course_imports.load(desk.runtime, two, by=OFFICER)
    assert desk.work(one).state == desk.work(two).state == "loaded"
    assert desk.courses()["20000-0001"].revision == 1


def test_somebodys_edit_since_the_check_is_never_overwritten_unseen(desk: Desk) -> None:
    first = desk.upload([course(1)])
    desk.check(first)
    desk.load(first)
    second = desk.upload([course(1, "ของฉัน")])
    desk.check(second)
    stands = courses.values_of(desk.courses()["20000-0001"])
    courses.put_courses(desk.runtime, [replace(stands, title_th="ของเขา")], by=ADMIN)
    failed = desk.load(second)
    assert (failed.state, failed.fault["code"]) == ("failed", "changed_meanwhile")
    assert desk.courses()["20000-0001"].title_th == "ของเขา"
    course_imports.retry(desk.runtime, second, by=OFFICER)
    assert counts(desk.work(second)) == ("checked", 0, 1, 0, 0)
    assert desk.load(second).state == "loaded"
    assert desk.courses()["20000-0001"].title_th == "ของฉัน 1"


def test_what_somebody_else_enters_while_it_is_planned_is_seen(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = desk.upload([course(1), course(2)])
    desk.check(import_id)
    real = courses.plan

    def slow(connection: Any, rows: Any, **more: Any) -> Any:
        planned = real(connection, rows, **more)
        monkeypatch.setattr(courses, "plan", real)
        connection.rollback()
        others = replace(rows[0], code="30000-0001")
        courses.put_courses(desk.runtime, [others, rows[1]], by=ADMIN)
        return planned

    monkeypatch.setattr(courses, "plan", slow)
    assert desk.load(import_id).state == "loaded"
    assert {code: row.revision for code, row in desk.courses().items()} == dict.fromkeys(
        ("20000-0001", "20000-0002", "30000-0001"), 1
    )


def test_all_or_nothing(desk: Desk) -> None:
    import_id = desk.upload([course(1), ["x"]])
    desk.check(import_id)
    assert code_of(course_imports.load, desk.runtime, import_id, by=OFFICER, whole_only=True) == "rows_refused"
    assert desk.courses() == {}
    assert desk.load(import_id).state == "loaded"


def test_nobody_else_sees_or_touches_an_import(desk: Desk) -> None:
    import_id = desk.upload([course(1)])
    stranger = Actor("user:x", "x", OTHER_SCHOOL)
    for act in (course_imports.load, course_imports.drop, course_imports.retry):
        assert code_of(act, desk.runtime, import_id, by=stranger) == "not_found"
    assert code_of(course_imports.check, desk.runtime, import_id, {}, by=stranger) == "not_found"
    assert code_of(course_imports.get, desk.runtime, import_id, acting_for=OTHER_SCHOOL) == "not_found"
    assert code_of(course_imports.get, desk.runtime, "nonsense", acting_for=None) == "not_found"
    assert course_imports.history(desk.runtime, acting_for=OTHER_SCHOOL) == []
    assert [row.id for row in course_imports.history(desk.runtime, acting_for=PROVINCE)] == [import_id]
    assert [row.id for row in course_imports.history(desk.runtime, acting_for=None)] == [import_id]


def test_a_school_brings_in_its_own_courses_only(desk: Desk) -> None:
    teacher = Actor("user:t", "t", SCHOOL)
    rows = [[SCHOOL, *course(1)], [OTHER_SCHOOL, *course(1)], [None, *course(2)]]
    import_id = desk.upload(rows, teacher, ["owner", *HEADING])
    assert counts(desk.check(import_id, teacher)) == ("checked", 1, 0, 0, 2)
    refused = course_imports.rows(desk.runtime, import_id, "refused", limit=10)
    assert [row.faults[0]["code"] for row in refused] == ["owner_not_yours", "owner_not_yours"]
    desk.load(import_id, teacher)
    assert desk.courses()["20000-0001"].owner_code == SCHOOL


def test_a_school_that_left_in_the_meantime_loads_nothing(desk: Desk) -> None:
    import_id = desk.upload([course(1)])
    desk.check(import_id)
    course_imports.load(desk.runtime, import_id, by=OFFICER)
    with writing(desk.runtime.engine) as connection:
        job = connection.execute(tables.Job.__table__.select()).all()[-1]
        wanted = {**job.wanted, "acting_for": SCHOOL}
        connection.execute(tables.Job.__table__.update().where(tables.Job.id == job.id).values(wanted=wanted))
    assert desk.work(import_id).fault["code"] == "not_yours"
    assert desk.courses() == {}


def test_an_import_is_dropped_and_its_file_with_it(desk: Desk) -> None:
    import_id = desk.upload([course(1)])
    desk.check(import_id)
    course_imports.drop(desk.runtime, import_id, by=OFFICER)
    assert (desk.get(import_id).state, desk.staged(import_id)) == ("dropped", 0)
    for act in (course_imports.load, course_imports.drop, course_imports.retry):
        assert code_of(act, desk.runtime, import_id, by=OFFICER) == "import_state"


def test_a_dropped_import_stops_its_checking(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_check, "CHUNK", 1)
    import_id = desk.upload([course(1), course(2), course(3)])
    course_imports.check(desk.runtime, import_id, desk.get(import_id).mapping["columns"], by=OFFICER)
    real = imports.add_rows

    def once(connection: Any, rows: Any) -> None:
        real(connection, rows)
        monkeypatch.setattr(import_work.Progress, "at", drops)

    def drops(*_: Any) -> None:
        course_imports.drop(desk.runtime, import_id, by=OFFICER)

    monkeypatch.setattr(imports, "add_rows", once)
    assert desk.work(import_id).state == "dropped"


def test_what_is_abandoned_expires(desk: Desk) -> None:
    waiting, done = desk.upload([course(1)]), desk.upload([course(2), ["x"]])
    desk.check(done)
    desk.load(done)
    now = desk.runtime.clock()
    desk.runtime.clock = lambda: now + course_imports.ABANDONED + timedelta(minutes=1)
    course_imports.expire(desk.runtime)
    assert (desk.get(waiting).state, desk.get(done).state, desk.staged(done)) == ("dropped", "loaded", 1)
    with reading(desk.runtime.engine) as connection:
        assert imports.content(connection, waiting) is None
    desk.runtime.clock = lambda: now + course_imports.REMEMBERED + timedelta(minutes=1)
    course_imports.expire(desk.runtime)
    assert desk.staged(done) == 0


def test_another_sheet_of_the_file(desk: Desk) -> None:
    book = openpyxl.Workbook()
    book.active.append(["ข้อความ", "อื่น"])
    book.create_sheet("รายวิชา").append(HEADING)
    book["รายวิชา"].append(course(1))
    content = made._saved(book.save)
    import_id = course_imports.upload(desk.runtime, content, "a.xlsx", by=OFFICER, province="51")
    assert desk.get(import_id).mapping["columns"] == {}
    course_imports.choose_sheet(desk.runtime, import_id, "รายวิชา", by=OFFICER)
    assert counts(desk.check(import_id)) == ("checked", 1, 0, 0, 0)
    assert code_of(course_imports.choose_sheet, desk.runtime, import_id, "x", by=OFFICER) == "sheet_unknown"


def test_an_administrator_says_for_which_province(desk: Desk) -> None:
    content = made.xlsx([HEADING, course(1)])
    upload = course_imports.upload
    assert code_of(upload, desk.runtime, content, "a.xlsx", by=ADMIN, province=None) == "missing"
    assert code_of(upload, desk.runtime, content, "a.xlsx", by=ADMIN, province="99") == "province_unknown"
    import_id = upload(desk.runtime, content, "C:\\secret\\../a.xlsx", by=ADMIN, province="50")
    row = desk.get(import_id)
    assert (row.organisation_code, row.file_name) == ("province-50", "a.xlsx")
    assert "province-50" in organisations.organisations(desk.runtime)
    desk.check(import_id, ADMIN)
    desk.load(import_id, ADMIN)
    assert desk.courses()["20000-0001"].owner_code == "province-50"
