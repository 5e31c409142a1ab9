"""What stands in the demo's credit bank before anybody learns: entered through the services, as an admin would.

Facts come from ``reference`` with their sources.  Everything that would be an act of an authority (comparisons,
orders, codes) is the demo's own example and says so on screen.  Safe to run again: what stands is left alone.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from creditbank_plugin import reference
from creditbank_plugin.cli.demo_courses import DIPLOMA, UPPER, DemoCourse
from creditbank_plugin.rules.catalogue import NATIONAL
from creditbank_plugin.services import organisations
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.adopting import adoption_register, adoptions, mandates
from creditbank_plugin.services.catalogue import courses as course_register
from creditbank_plugin.services.comparing import comparisons
from creditbank_plugin.services.runtime import Runtime

LMS_ISSUER = "https://demo.lms.example"
XAPI_ISSUER = "https://lms.example.org"
HOME, NEIGHBOUR = "51", "50"  # Lamphun, where the demo school is, and Chiang Mai
SCHOOL = "9951000001"
BANK = f"BANK-{SCHOOL}"
EXAMPLE_TH, EXAMPLE_EN = "(ข้อมูลตัวอย่าง)", "(demo data)"

APPLIES_FROM = date(2020, 1, 1)
APPROVED_AT = datetime(2019, 12, 16, 2, tzinfo=UTC)
ORDERED_ON = date(2019, 12, 23)
MIN_SCORE = 50  # the pass mark of BE-G1; the demo's comparisons ask for it in every sector
SIGNATORY = "ผู้อำนวยการสถานศึกษา"
STANDING_GROUPS = (UPPER, DIPLOMA)
BY = "demo"
ALL = 10_000


@dataclass(frozen=True)
class Placed:
    """Where a demo course stands: ``approved`` when a completion at the demo school yields credit."""

    owner: str
    course: DemoCourse
    approved: bool

    def name(self) -> dict[str, str]:
        """Return the course as ``demo.json`` names it."""
        return {"owner": self.owner, "code": self.course.code, "version": self.course.version}


def province_code(province: str) -> str:
    """Return the code of a province's centre."""
    return f"province-{province}"


def group_code(province: str) -> str:
    """Return the code of a province's working group, the body that compares."""
    return f"working-group-{province}"


def group_name(province: str) -> str:
    """Return the Thai name of a province's working group."""
    name = next(each.name_th for each in reference.provinces() if each.code == province)
    return f"คณะทำงานเทียบโอนจังหวัด{name}"


def seed_bank(runtime: Runtime, courses: list[DemoCourse]) -> list[Placed]:
    """Enter organisations, banks, issuers, courses, comparisons and orders; return the courses as they stand."""
    _organisations(runtime)
    _mandates(runtime)
    organisations.trust_issuer(runtime, LMS_ISSUER, name="LMS สาธิต / Demo LMS")
    organisations.trust_issuer(runtime, XAPI_ISSUER, name="Moodle สาธิต / Demo Moodle")
    entered = [_course(runtime, course) for course in courses]
    standing = {(row.course_id, row.body_code): str(row.id) for row in comparisons.comparisons(runtime, limit=ALL)}
    placed = []
    for course_id, course in entered:
        if course.fate != "open":
            province = HOME if course.fate == "adopted" else NEIGHBOUR
            if (course_id, group_code(province)) not in standing:
                standing[course_id, group_code(province)] = _compare(runtime, course_id, course, province)
        approved = course.fate == "adopted" and course.credits > 0 and bool(course.outcomes)
        placed.append(Placed(_owner(course), course, approved))
    single = [
        standing[course_id, group_code(HOME)]
        for course_id, course in entered
        if course.fate == "adopted" and course.group not in STANDING_GROUPS
    ]
    _orders(runtime, single)
    return placed


def _organisations(runtime: Runtime) -> None:
    """Enter the nation, the pilot provinces with their centres and working groups, and the schools we have names of."""
    national = {"name_th": f"หลักสูตรระดับชาติ {EXAMPLE_TH}", "name_en": f"National curricula {EXAMPLE_EN}"}
    organisations.add_organisation(runtime, code=NATIONAL, kind="nation", **national)
    pilots = [province for province in reference.provinces() if province.pilot]
    for province in pilots:
        code, more = province_code(province.code), {"province": province.code}
        organisations.add_organisation(
            runtime,
            code=code,
            kind="province",
            name_th=f"ศูนย์ธนาคารหน่วยกิตจังหวัด{province.name_th} {EXAMPLE_TH}",
            name_en=f"Credit bank centre of {province.name_en} {EXAMPLE_EN}",
            parent=NATIONAL,
            **more,
        )
        organisations.add_organisation(
            runtime,
            code=group_code(province.code),
            kind="working_group",
            name_th=f"{group_name(province.code)} {EXAMPLE_TH}",
            name_en=f"Comparison working group of {province.name_en} {EXAMPLE_EN}",
            parent=code,
            **more,
        )
        organisations.add_bank(
            runtime,
            code=f"BANK-{code}",
            organisation=code,
            tier="provincial",
            name_th=f"ธนาคารหน่วยกิตจังหวัด{province.name_th} {EXAMPLE_TH}",
            name_en=f"Credit bank of {province.name_en} {EXAMPLE_EN}",
        )
        _schools(runtime, province.code)


def _schools(runtime: Runtime, province: str) -> None:
    """Enter a province's schools: real names, codes visibly made up (``99``, the province, a number), each a bank."""
    rows = [row for row in reference.load("schools")["rows"] if str(row["province_code"]) == province]
    for number, row in enumerate(rows, start=1):
        code, name = f"99{province}{number:06d}", row["name_th"]
        organisations.add_organisation(
            runtime,
            code=code,
            kind="school",
            sector="basic",
            name_th=f"{name} {EXAMPLE_TH}",
            province=province,
            parent=province_code(province),
        )
        organisations.add_bank(
            runtime,
            code=f"BANK-{code}",
            organisation=code,
            tier="school",
            name_th=f"ธนาคารหน่วยกิต{name} {EXAMPLE_TH}",
        )


def _mandates(runtime: Runtime) -> None:
    """Let the centre of the home province adopt for its schools; one that was ended by hand is not given again."""
    centre = province_code(HOME)
    given = {row.organisation_code for row in mandates.mandates(runtime, centre, limit=ALL)}
    for row in organisations.organisations(runtime).values():
        if row.kind == "school" and row.parent_code == centre and row.code not in given:
            mandates.give(
                runtime,
                organisation=row.code,
                holder=centre,
                reference=f"หนังสือมอบสาธิต ที่ 1/2562 {EXAMPLE_TH}",
                since=APPLIES_FROM,
                by=administrator(BY),
            )


def _owner(course: DemoCourse) -> str:
    return NATIONAL if course.national else SCHOOL


def _course(runtime: Runtime, course: DemoCourse) -> tuple[str, DemoCourse]:
    course_id = course_register.add_course(
        runtime,
        owner=_owner(course),
        code=course.code,
        version=course.version,
        title_th=course.title_th,
        title_en=course.title_en,
        level_group=course.group,
        sector=course.sector,
        hours=course.hours,
        source=course.source,
        evidence=course.evidence,
        tpn=course.tpn,
        province=None if course.national else HOME,
    )
    return course_id, course


def _compare(runtime: Runtime, course_id: str, course: DemoCourse, province: str) -> str:
    """Enter an approved comparison.

    Credits are those of the source row.  Rule BE-H1 is named only where the row's own hours give exactly that; the
    vocational ratio (VE-H1) is weakly sourced, and non-formal courses state no hours: there the comparison itself is
    the only authority.
    """
    by_hours = course.scheme == "basic" and course.hours is not None and course.hours == course.credits * 40
    return comparisons.enter_from_paper(
        runtime,
        course_id=course_id,
        body=group_code(province),
        scheme=course.scheme,
        credits=course.credits,
        outcomes=course.outcomes,
        nqf_level=course.nqf_level,
        nqf_level_basis="qualification" if course.nqf_level is not None else None,
        conditions={"min_score": MIN_SCORE},
        reference=f"ประกาศสาธิต {group_name(province)} ที่ 1/2562 {EXAMPLE_TH}",
        approved_at=APPROVED_AT,
        applies_from=APPLIES_FROM,
        credits_rule="BE-H1" if by_hours else None,
        by=administrator(BY),
    )


def _orders(runtime: Runtime, single: list[str]) -> None:
    """Let the demo school's bank adopt some comparisons one by one and the rest by two standing orders."""
    rows = adoption_register.adoptions(runtime, bank=BANK, limit=ALL)
    adopted = {row.comparison_id for row in rows}
    standing = {row.level_group for row in rows if row.body_code == group_code(HOME)}
    for number, comparison_id in enumerate(single, start=1):
        if comparison_id not in adopted:
            order = f"สาธิต {number}/2562 {EXAMPLE_TH}"
            adoptions.adopt(
                runtime,
                bank=BANK,
                comparison_id=comparison_id,
                order_number=order,
                signatory=SIGNATORY,
                by=BY,
                ordered_on=ORDERED_ON,
                applies_from=APPLIES_FROM,
            )
    for number, group in enumerate(STANDING_GROUPS, start=len(single) + 1):
        if group not in standing:
            adoptions.adopt(
                runtime,
                bank=BANK,
                body=group_code(HOME),
                level_group=group,
                order_number=f"สาธิต {number}/2562 {EXAMPLE_TH}",
                signatory=SIGNATORY,
                by=BY,
                ordered_on=ORDERED_ON,
                applies_from=APPLIES_FROM,
            )
