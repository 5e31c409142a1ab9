"""Builders: small applications and tidings for tests, made of the real parts."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from creditbank_hooks import (
    Assurance,
    CompletionRevoked,
    Course,
    CourseCompleted,
    HostUser,
    Learner,
    Personal,
    hookimpl,
)
from creditbank_plugin.host.attach import CreditBank, attach, enter
from creditbank_plugin.plugin import load
from creditbank_plugin.reference.frameworks import Framework, frameworks
from creditbank_plugin.services import organisations
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.adopting import adoptions, mandates
from creditbank_plugin.services.catalogue import courses
from creditbank_plugin.services.catalogue import frameworks as framework_register
from creditbank_plugin.services.comparing import comparisons
from creditbank_plugin.services.comparing.backdating import require_nobody_credited
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.session import open_engine, reading, writing
from creditbank_plugin.storage.upgrade import current, head, upgrade
from tests.furniture import Kept, not_empty
from tests.quick import QuickFlask

ISSUER = "https://lms.school.example"
SCHOOL, OTHER_SCHOOL, PROVINCE = "9951000001", "9951000002", "P51"
BANK, OTHER_BANK = "B-9951000001", "B-9951000002"
CODE, TITLE = "ท21101", "ภาษาไทย 1"


@dataclass
class House:
    """An application with the module attached, its database upgraded, and the ids of what was entered."""

    app: Flask
    bank: CreditBank
    db: Any
    user: "Visitor"
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def runtime(self) -> Runtime:
        return self.bank.runtime


@dataclass(frozen=True)
class Place:
    """Where a house may stand: a folder of its own and the URL of a database with our tables."""

    folder: Path
    url: str


class Visitor:
    """The host's answer to who is logged in; tests set ``now``."""

    def __init__(self) -> None:
        self.now: HostUser | None = None

    @hookimpl
    def current_user(self) -> HostUser | None:
        return self.now


def make_app(tmp_path: Path, url: str | None = None, *, doors: bool = True, **config: Any) -> House:
    """A host with Flask-SQLAlchemy, the module attached, its tables made; nothing entered yet.

    ``doors=False`` leaves out pages and API, which take longer to mount than a test of a service takes.
    """
    app = QuickFlask("host")
    app.config.update(
        SECRET_KEY="for tests only",
        SQLALCHEMY_DATABASE_URI=url or f"sqlite:///{tmp_path / 'host.db'}",
        CREDITBANK_DATA=str(tmp_path / "data"),
        CREDITBANK_ISSUER=ISSUER,
        CREDITBANK_SCHOOL=SCHOOL,
        TESTING=True,
        **config,
    )
    db = SQLAlchemy(app)
    _bring_up(app.config.get("CREDITBANK_DATABASE_URL") or app.config["SQLALCHEMY_DATABASE_URI"])
    if doors:
        bank = load(app)
    else:
        bank = attach(app)
        enter(app, bank)
    visitor = Visitor()
    bank.register(visitor)
    return House(app, bank, db, visitor)


#: Databases that were copied from one with our tables.
HAVE_TABLES: set[str] = set()


def _bring_up(url: str) -> None:
    """Make the tables where they are missing."""
    if url in HAVE_TABLES:
        return
    engine = open_engine(url)
    if current(engine) != head():
        upgrade(engine)
    engine.dispose()


#: What furnishing wrote the first time, by how and where it was furnished.
_FURNITURE: dict[tuple[str, str], tuple[Kept, dict[str, str]]] = {}


def furnish(
    house: House, *, conditions: Mapping[str, Any] | None = None, course: bool = True, whole: bool = False
) -> House:
    """Two schools of a province; a national course compared as 1.50 basic credits and adopted by the first school.

    ``course=False`` leaves out the course, its comparison and its adoption.  Of the core curriculum the Thai language
    alone is there, unless it is wanted ``whole``: its 952 items are half of the work of making a house.
    """
    engine = house.runtime.engine
    kind = (engine.dialect.driver, json.dumps([dict(conditions or {}), course, whole], sort_keys=True))
    with writing(engine) as connection:
        standing = not_empty(connection)
        fresh = standing <= {"creditbank_data_key", "creditbank_issuer"}
        if fresh and kind in _FURNITURE:
            kept, ids = _FURNITURE[kind]
            kept.put(connection)
            house.ids.update(ids)
            return house
    _furnish(house, conditions, course, core_curriculum() if whole else thai_language())
    if fresh:
        with reading(engine) as connection:
            _FURNITURE[kind] = (Kept.take(connection, but=standing), dict(house.ids))
    return house


def _furnish(house: House, conditions: Mapping[str, Any] | None, course: bool, curriculum: Framework) -> None:
    runtime, ids = house.runtime, house.ids
    organisations.add_organisation(runtime, code="national", kind="nation", name_th="ส่วนกลาง", name_en="National")
    organisations.add_organisation(runtime, code=PROVINCE, kind="province", name_th="ศูนย์จังหวัดลำพูน", province="51")
    for code in (SCHOOL, OTHER_SCHOOL):
        organisations.add_organisation(runtime, code=code, kind="school", name_th=f"โรงเรียน {code}", parent=PROVINCE)
        organisations.add_bank(
            runtime, code=f"B-{code}", organisation=code, tier="school", name_th=f"ธนาคารหน่วยกิต {code}"
        )
    framework_register.load_frameworks(runtime, [curriculum])
    if not course:
        return
    ids["course"] = add_course(house)
    ids["items"] = ",".join(item_ids("ท 1.1", "ท 2.1"))
    ids["comparison"] = compare(house, ids["course"], conditions=conditions or {"min_score": 50})
    ids["adoption"] = adopt(house, ids["comparison"])


def item_ids(*codes: str) -> list[str]:
    """The ids of items of the core curriculum."""
    return [item.id for item in core_curriculum().items if item.code in codes]


def core_curriculum() -> Framework:
    """The core curriculum as it is shipped."""
    return next(each for each in frameworks() if each.code == "core-curriculum-2551")


def thai_language() -> Framework:
    """The core curriculum with the items of one of its learning areas."""
    core = core_curriculum()
    return replace(core, items=tuple(item for item in core.items if item.code.startswith("ท ")))


def add_course(house: House, code: str = CODE, *, owner: str = "national", version: str = "2551", **more: Any) -> str:
    return courses.add_course(
        house.runtime, owner=owner, code=code, version=version, title_th=TITLE, title_en="Thai 1", hours=6000, **more
    )


@contextmanager
def beside() -> Iterator[None]:
    """Let comparisons of one body lie over one another, as installations have them from before that was refused."""
    with patch.object(comparisons, "require_free_days", require_nobody_credited):
        yield


def compare(house: House, course_id: str, credits: int = 150, **more: Any) -> str:
    values: dict[str, Any] = {
        "course_id": course_id,
        "body": PROVINCE,
        "scheme": "basic",
        "credits": credits,
        "outcomes": item_ids("ท 1.1", "ท 2.1"),
        "reference": "ประกาศทดสอบ 1/2563",
        "applies_from": date(2020, 1, 1),
        "credits_rule": "BE-H1",
    }
    return comparisons.enter_from_paper(house.runtime, **{**values, **more})


def adopt(house: House, comparison_id: str | None, bank: str = BANK, **more: Any) -> str:
    values: dict[str, Any] = {
        "bank": bank,
        "comparison_id": comparison_id,
        "order_number": "1/2563",
        "signatory": "ผู้อำนวยการสถานศึกษา",
        "ordered_on": date(2020, 1, 2),
        "applies_from": date(2020, 1, 1),
    }
    return adoptions.adopt(house.runtime, **{**values, **more})


def revoke(house: House, adoption_id: str, **more: Any) -> None:
    """Revoke an order, for the platform's administrator unless ``by`` says otherwise."""
    values: dict[str, Any] = {
        "revoked_from": date(2026, 1, 1),
        "order_number": "9/2569",
        "reason": "มีประกาศใหม่",
        "by": administrator("ผู้ดูแลทดลอง"),
    }
    adoptions.revoke(house.runtime, adoption_id, **{**values, **more})


def give_mandate(house: House, organisation: str = SCHOOL, holder: str = PROVINCE) -> str:
    """Let the province adopt for a school's bank, as the school's director would."""
    return mandates.give(
        house.runtime,
        organisation=organisation,
        holder=holder,
        reference="หนังสือมอบให้รับรองใช้ที่ 1/2563",
        since=date(2020, 1, 1),
        by=administrator("ผู้ดูแลทดลอง"),
    )


def moment(day: int = 1, hour: int = 3, *, month: int = 3, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def learner(number: int | str = 1, issuer: str = ISSUER, **personal: Any) -> Learner:
    return Learner(id=f"s-{number}", issuer=issuer, personal=Personal(**personal))


def completed(who: int | str = 1, code: str = CODE, **more: Any) -> CourseCompleted:
    """A completion of the furnished course, on 1 March 2026 with a score of 80, unless told otherwise."""
    values: dict[str, Any] = {
        "learner": learner(who) if not isinstance(who, Learner) else who,
        "course": Course(code=code),
        "completed_at": moment(),
        "score": Decimal(80),
        "assurance": Assurance(identity="login", assessment="automatic"),
        "source": ISSUER,
    }
    return CourseCompleted(**{**values, **more})


def revoked(who: int | str = 1, code: str = CODE, **more: Any) -> CompletionRevoked:
    values: dict[str, Any] = {
        "learner": learner(who),
        "course": Course(code=code),
        "revoked_at": moment(2),
        "reason": "บันทึกผิด",
        "source": ISSUER,
    }
    return CompletionRevoked(**{**values, **more})
