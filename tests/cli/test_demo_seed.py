"""What the demo enters, judged by the real services."""

from collections import Counter
from pathlib import Path

import pytest

from creditbank_hooks import Course
from creditbank_plugin.cli.database import bring_up
from creditbank_plugin.cli.demo_courses import DIPLOMA, demo_courses
from creditbank_plugin.cli.demo_folder import Folder
from creditbank_plugin.cli.demo_run import furnish
from creditbank_plugin.cli.demo_seed import HOME, LMS_ISSUER, SCHOOL, Placed, group_code, province_code, seed_bank
from creditbank_plugin.cli.faults import Fault
from creditbank_plugin.cli.installation import engine_of, open_runtime
from creditbank_plugin.demo.models import GROUPS
from creditbank_plugin.reference.frameworks import CORE, frameworks
from creditbank_plugin.rules.catalogue import reading_order
from creditbank_plugin.services import organisations
from creditbank_plugin.services.adopting import adoption_register, mandates
from creditbank_plugin.services.comparing import comparisons
from creditbank_plugin.services.reach import organisations_below
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.keep import Sender
from creditbank_plugin.services.settling.receive import letter, receive
from creditbank_plugin.services.views import Event
from creditbank_plugin.settings import Settings
from creditbank_plugin.storage import upgrade as migrations
from creditbank_plugin.storage.queries.authority import comparisons_of
from creditbank_plugin.storage.session import reading
from tests.builders import completed, learner, moment
from tests.cli.shell import Shell


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Runtime, list[Placed]]:
    folder = tmp_path_factory.mktemp("demo")
    settings = Settings(data=folder, issuer=LMS_ISSUER, school=SCHOOL)
    runtime = open_runtime(settings, engine_of(f"sqlite:///{folder / 'creditbank.db'}", make=True))
    bring_up(runtime)
    return runtime, seed_bank(runtime, demo_courses())


def test_every_approved_course_found_by_code_alone_gives_credit_from_2020_on(
    demo: tuple[Runtime, list[Placed]],
) -> None:
    runtime, placed = demo
    who = learner("everything", LMS_ISSUER)
    told = [
        completed(who, each.course.code, completed_at=moment(2, 3, month=1, year=2020), score=50, source=LMS_ISSUER)
        for each in placed
    ]
    sender = Sender(door="events", organisation=SCHOOL, issuer=LMS_ISSUER, client_id=None, may_open=True)
    answers = receive(runtime, [letter(each) for each in told], sender)
    for each, event in zip(placed, answers, strict=True):
        assert isinstance(event, Event)
        if each.approved:
            assert event.state == "credited", (each.course.code, event.reason)
        elif each.course.fate != "adopted":
            assert (event.state, event.reason) in [("waiting", "no_comparison"), ("waiting", "not_adopted")]
    assert sum(each.approved for each in placed) > 40


def test_seeding_again_changes_nothing(demo: tuple[Runtime, list[Placed]]) -> None:
    runtime, placed = demo
    before = (
        len(comparisons.comparisons(runtime, limit=10_000)),
        len(adoption_register.adoptions(runtime, limit=10_000)),
    )
    assert seed_bank(runtime, demo_courses()) == placed
    after = len(comparisons.comparisons(runtime, limit=10_000)), len(adoption_register.adoptions(runtime, limit=10_000))
    assert after == before


def test_the_courses_are_sourced_and_cover_the_four_groups() -> None:
    courses = demo_courses()
    assert 55 <= len(courses) <= 70
    assert len({course.code for course in courses}) == len(courses)
    assert set(Counter(course.group for course in courses)) == set(GROUPS)
    assert all(course.source and course.evidence and course.title_en for course in courses)
    assert all(len(course.outcomes) <= 6 for course in courses)
    assert all(course.outcomes for course in courses if course.fate != "open")


def test_courses_above_the_core_curriculum_are_not_compared_with_it() -> None:
    core = {item.id for framework in frameworks() if framework.code == CORE for item in framework.items}
    diploma = [course for course in demo_courses() if course.group == DIPLOMA]
    assert any(course.outcomes for course in diploma)
    assert [course.code for course in diploma if core & set(course.outcomes)] == []


def test_a_level_is_claimed_only_where_the_reference_places_the_qualification() -> None:
    levels = {course.nqf_level for course in demo_courses() if course.scheme == "vocational"}
    assert levels == {3, None}  # ปวช. stands on level 3; ปวส. is printed on two levels
    assert {course.nqf_level for course in demo_courses() if course.scheme != "vocational"} == {None}


def test_organisations_are_those_of_the_five_pilot_provinces(demo: tuple[Runtime, list[Placed]]) -> None:
    known = organisations.organisations(demo[0]).values()
    schools = [row for row in known if row.kind == "school"]
    assert {row.province for row in schools} == {"13", "41", "50", "51", "80"}
    assert all(row.code.startswith("99") and len(row.code) == 10 for row in schools)
    banks = Counter(bank.tier for bank in organisations.banks(demo[0]))
    assert banks == {"provincial": 5, "school": len(schools)}


def test_no_person_is_invented(demo: tuple[Runtime, list[Placed]]) -> None:
    assert {row.signatory for row in adoption_register.adoptions(demo[0], limit=10_000)} == {"ผู้อำนวยการสถานศึกษา"}


def test_the_province_s_centre_compares_with_its_working_group_and_adopts_for_its_schools(
    demo: tuple[Runtime, list[Placed]],
) -> None:
    centre = province_code(HOME)
    theirs = organisations_below(demo[0], centre)
    assert {centre, group_code(HOME), SCHOOL} <= theirs
    known = organisations.organisations(demo[0])
    assert {known[code].province for code in theirs} == {HOME}
    schools = {code for code in theirs if known[code].kind == "school"}
    assert mandates.orders_for(demo[0], centre) == {centre, *schools}
    given = mandates.mandates(demo[0], centre)
    seed_bank(demo[0], demo_courses())
    assert mandates.mandates(demo[0], centre) == given, "given once"


def test_outcomes_stand_in_the_order_of_their_codes(demo: tuple[Runtime, list[Placed]]) -> None:
    ids = [row.course_id for row in comparisons.comparisons(demo[0], limit=10_000)]
    codes = {item.id: item.code for framework in frameworks() for item in framework.items}
    with reading(demo[0].engine) as connection:
        stored = [each for found in comparisons_of(connection, ids).values() for each in found]
    assert len(stored) > 40
    for each in stored:
        outcomes = [codes[item] for item in each.outcomes]
        assert outcomes == sorted(outcomes, key=reading_order)


def test_an_unknown_course_stays_unknown(demo: tuple[Runtime, list[Placed]]) -> None:
    sender = Sender(door="events", organisation=SCHOOL, issuer=LMS_ISSUER, client_id=None, may_open=True)
    told = completed(learner(7, LMS_ISSUER), course=Course(code="ไม่มี"), source=LMS_ISSUER)
    (event,) = receive(demo[0], [letter(told)], sender)
    assert isinstance(event, Event)
    assert event.reason == "course_unknown"


def test_keys_of_another_installation_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{}")
    with pytest.raises(Fault, match="no demo"):
        Folder(tmp_path).hold(own_database=True)
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


@pytest.mark.parametrize("revision", ["head", "-1"])
def test_a_database_of_another_installation_is_neither_seeded_nor_reset(tmp_path: Path, revision: str) -> None:
    runtime = open_runtime(Settings(data=tmp_path), engine_of(f"sqlite:///{tmp_path / 'creditbank.db'}", make=True))
    bring_up(runtime)
    organisations.add_organisation(runtime, code="1051000001", kind="school", name_th="โรงเรียนจริง")
    if revision != "head":
        migrations.downgrade(runtime.engine, revision)
    shell = Shell(tmp_path)
    assert "no demo" in shell.refused("demo", "--port", "0", "--reset").splitlines()[-1]
    assert (tmp_path / "keys.json").exists()
    with pytest.raises(Fault, match="no demo"):
        furnish(Settings(data=tmp_path), Folder(tmp_path), {}, "http://127.0.0.1:1")
