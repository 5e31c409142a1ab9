"""An installation without a host: the standalone application on a furnished database of its own."""

import shutil
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from creditbank_hooks import LearnerIdentity
from creditbank_plugin.login.users import Users
from creditbank_plugin.standalone import create_app
from tests.builders import ISSUER, PROVINCE, SCHOOL, House, Visitor, furnish
from tests.oauth_world import hidden

LOGIN = "/creditbank/login"
PASSWORD = "รหัสผ่านที่ยาวพอ 2569"
STAFF = {"admin1": ("admin", None), "officer1": ("committee", PROVINCE), "director1": ("director", SCHOOL)}


def make_alone(folder: Path, template: Path, **config: Any) -> House:
    """The application on a copy of ``template``, furnished; nobody may log in yet."""
    data = folder / "data"
    data.mkdir(mode=0o700)
    shutil.copyfile(template, data / "creditbank.db")
    app = create_app({"CREDITBANK_DATA": str(data), "CREDITBANK_ISSUER": ISSUER, "CREDITBANK_SCHOOL": SCHOOL, **config})
    app.testing = True
    return furnish(House(app, app.extensions["creditbank"], None, Visitor()))


def let_in(house: House) -> None:
    """One user of each kind: an administrator, an officer of the province, a director, two learners."""
    users = Users(house.runtime.settings.data)
    for name, (role, organisation) in STAFF.items():
        users.add(name, PASSWORD, roles=frozenset({role}), organisation=organisation, display_name=f"ผู้ใช้ {name}")
    for number in (1, 2):
        users.add(f"learner{number}", PASSWORD, learner=LearnerIdentity(issuer=ISSUER, id=f"s-{number}"))


def send(browser: Any, name: str, password: str = PASSWORD, back: str = "", **more: Any) -> TestResponse:
    """Open the page and send its form."""
    shown = browser.get(LOGIN, query_string={"next": back} if back else {}, **more)
    assert shown.status_code == 200, shown.status
    sent: TestResponse = browser.post(LOGIN, data={**hidden(shown.text), "name": name, "password": password}, **more)
    return sent


def logged_in(house: House, name: str) -> Any:
    """A browser in which a user is logged in."""
    browser = house.app.test_client()
    assert send(browser, name).status_code == 303
    return browser
