"""A bank with something on every page: a learner with credits in two schemes, and completions that gave none."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from flask.testing import FlaskClient
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import TestResponse

from creditbank_hooks import Assurance, Course, HostUser, LearnerIdentity
from creditbank_plugin.services import organisations
from creditbank_plugin.services.catalogue import courses
from tests import builders
from tests.builders import CODE, ISSUER, SCHOOL, House, Place, adopt, compare, completed, furnish, make_app, moment
from tests.serving import at_work

FOREIGN = "https://moodle.school.example/course/view.php?id=7"
MATHS, SCIENCE, ENGLISH, ART, TRADE, FAILED, UNMATCHED = (
    ("ค21101", "คณิตศาสตร์ 1", "Mathematics 1"),
    ("ว21101", "วิทยาศาสตร์ 1", "Science 1"),
    ("อ21101", "ภาษาอังกฤษ 1", None),
    ("ศ21101", "ศิลปะ 1", "Arts 1"),
    ("20000-1101", "ภาษาไทยพื้นฐาน", None),
    ("ส21101", "สังคมศึกษา 1", "Social studies 1"),
    ("พ21101", "สุขศึกษา 1", "Health 1"),
)


def empty_bank(place: Place, **config: Any) -> House:
    """The furnished bank, before anybody finished anything."""
    return furnish(make_app(place.folder, place.url, **config))


def make_world(place: Place, **config: Any) -> House:
    """The furnished bank after learner s-1 finished several courses."""
    house = empty_bank(place, **config)
    for (code, th, en), credits, more in (
        (MATHS, 150, {"nqf_level": 1, "nqf_level_basis": "comparison"}),
        (SCIENCE, 100, {}),
        (ENGLISH, 50, {}),
        (ART, 50, {"conditions": {"min_score": 50}}),
        (TRADE, 200, {"scheme": "vocational", "credits_rule": "VE-H1"}),
        (FAILED, 100, {"conditions": {"min_score": 50}}),
    ):
        course = courses.add_course(
            house.runtime, owner="national", code=code, version="2551", title_th=th, title_en=en, hours=credits * 40
        )
        adopt(house, compare(house, course, credits, **more))
    code, th, en = UNMATCHED
    courses.add_course(house.runtime, owner="national", code=code, version="2551", title_th=th, title_en=en, hours=4000)
    told = {"assurance": Assurance(identity="verified", assessment="teacher")}
    for day, (code, title, _) in enumerate((MATHS, SCIENCE, ENGLISH, ART, TRADE), start=2):
        house.bank.hear(completed(1, course=Course(code=code, title=title), completed_at=moment(day), **told))
    house.bank.hear(completed(1, course=Course(code=CODE), completed_at_precision="upper_bound"))
    house.bank.hear(completed(1, course=Course(code=FAILED[0], title=FAILED[1]), score=Decimal(42)))
    house.bank.hear(completed(1, course=Course(code=UNMATCHED[0], title=UNMATCHED[1])))
    house.bank.hear(completed(1, course=Course(code=FOREIGN, iri=FOREIGN, title="รายวิชาของเว็บเรียนอื่น")))
    house.bank.hear(builders.revoked(1, ART[0], revoked_at=moment(20)))
    house.bank.hear(completed(2))
    organisations.trust_issuer(house.runtime, "https://moodle.school.example", name="Moodle ของโรงเรียน")
    return house


def log_in(house: House, *roles: str, learner: str | None = None, organisation: str | None = None) -> FlaskClient:
    """Let somebody be logged in at the host; without roles and learner, nobody."""
    who = LearnerIdentity(issuer=ISSUER, id=learner) if learner else None
    named = "นักเรียนทดลอง 1" if learner else "ผู้ใช้ทดลอง"
    house.user.now = (
        HostUser(
            id="u-1",
            roles=frozenset(roles),
            learner=who,
            organisation=organisation or SCHOOL,
            display_name=named,
        )
        if roles or learner
        else None
    )
    return house.app.test_client()


def post(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Send a form as a browser does, with the token that the session has, or would have after a page with a form."""
    with client.session_transaction() as session:
        token = session.setdefault("creditbank_token", "a token of this test")
    return client.post(path, data={"creditbank_token": token, **fields})


def found(pattern: str, text: str) -> str:
    """The first thing in ``text`` that fits; the test fails where there is none."""
    hit = re.search(pattern, text)
    assert hit is not None, pattern
    return hit.group(1)


class Quiet(WSGIRequestHandler):
    """A server that writes no line for each request."""

    def log_request(self, *_: object) -> None:
        pass


@contextmanager
def serving(house: House) -> Iterator[str]:
    """The application on a free port of this machine, for a browser."""
    with at_work(make_server("127.0.0.1", 0, house.app, threaded=True, request_handler=Quiet)) as address:
        yield address
