"""``creditbank users``: who may log in to the standalone application; in a host, logging in is the host's."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from flask import Flask

from creditbank_hooks import LearnerIdentity
from creditbank_hooks.checks import TidingError
from creditbank_plugin.cli.faults import Fault
from creditbank_plugin.cli.installation import application, runtime
from creditbank_plugin.cli.output import answer, as_json
from creditbank_plugin.login import passwords
from creditbank_plugin.login.users import ROLES, User, Users
from creditbank_plugin.services import organisations
from creditbank_plugin.services.runtime import Runtime


@click.group()
def users() -> None:
    """Users of an installation without a host: add, list, remove, password.

    A password is read from the terminal, else from one line of standard input; never from the command line, which others
    can see.
    """


@users.command()
@click.argument("name")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="[default: student, for a learner]")
@click.option("--organisation", metavar="CODE", help="The organisation that a member of staff works for.")
@click.option("--learner", metavar="ID", help="The id by which completions name this learner …")
@click.option("--issuer", help="… and the system in which it is theirs.  [default: CREDITBANK_ISSUER]")
@click.option("--display-name", default="", help="What pages call them.  [default: NAME]")
@as_json
def add(
    name: str,
    roles: Sequence[str],
    organisation: str | None,
    learner: str | None,
    issuer: str | None,
    display_name: str,
    as_json: bool,
) -> None:
    """Let somebody log in as NAME."""
    found = _here(migrated=True)
    if organisation is not None and not organisations.organisations(found, [organisation]):
        raise Fault(f"no organisation is called {organisation}", "ไม่พบหน่วยงานที่ระบุ")
    made = Users(found.settings.data).add(
        name,
        _password(),
        roles=frozenset(roles),
        organisation=organisation,
        learner=_identity(found, learner, issuer),
        display_name=display_name,
    )
    answer(as_json, _document(made), f"{made.name} ({made.id}) may log in")


@users.command("list")
@as_json
def list_users(as_json: bool) -> None:
    """List who may log in."""
    items = [_document(each) for each in Users(_folder()).all().values()]
    lines = [f"{each['name']}  {' '.join(each['roles'])}  {each['organisation'] or ''}".rstrip() for each in items]
    answer(as_json, {"items": items}, *lines)


@users.command()
@click.argument("name")
@as_json
def remove(name: str, as_json: bool) -> None:
    """Let NAME log in no more; whoever is logged in as NAME is shut out at once."""
    gone = Users(_folder()).remove(name)
    answer(as_json, {**_document(gone), "removed": True}, f"{gone.name} may log in no more")


@users.command()
@click.argument("name")
@as_json
def password(name: str, as_json: bool) -> None:
    """Give NAME another password; whoever is logged in as NAME must log in again."""
    kept = Users(_folder())
    if kept.named(name) is None:
        raise Fault("no user has this name", "ไม่พบผู้ใช้ชื่อนี้")
    changed = kept.change_password(name, _password())
    answer(as_json, _document(changed), f"{changed.name} has a new password")


def _here(*, migrated: bool = False) -> Runtime:
    app = application()
    if app is not None and not _logs_in_itself(app):
        raise Fault(
            "this application has a log-in of its own: its users are kept there",
            "แพลตฟอร์มนี้มีระบบเข้าใช้ของตนเอง ให้จัดการผู้ใช้ที่นั่น",
        )
    return runtime(migrated=migrated)


def _logs_in_itself(app: Flask) -> bool:
    from creditbank_plugin.web.page import OWN_LOGIN  # an application has loaded the pages; the console script need not

    return OWN_LOGIN in app.blueprints


def _folder() -> Path:
    return _here().settings.data


def _identity(found: Runtime, learner: str | None, issuer: str | None) -> LearnerIdentity | None:
    if learner is None:
        if issuer is not None:
            raise Fault("--issuer goes with --learner", "--issuer ต้องใช้คู่กับ --learner")
        return None
    issuer = issuer or found.settings.issuer
    if issuer is None:
        raise Fault("--learner needs --issuer, or CREDITBANK_ISSUER", "ต้องระบุ --issuer หรือตั้งค่า CREDITBANK_ISSUER")
    try:
        return LearnerIdentity(issuer=issuer, id=learner)
    except TidingError as error:
        raise Fault(f"{error.field}: {error.en}", f"{error.field}: {error.th}") from None


def _password() -> str:
    """Read a password: twice without an echo from a terminal, else the first line of standard input."""
    if sys.stdin.isatty():
        said: str = click.prompt("Password / รหัสผ่าน", hide_input=True, confirmation_prompt=True, err=True)
        return said
    line = sys.stdin.readline(4 * passwords.LONGEST)
    if not line:
        raise Fault("no password came on standard input", "ไม่พบรหัสผ่านในข้อมูลขาเข้า")
    return line.rstrip("\r\n")


def _document(user: User) -> dict[str, Any]:
    learner = {"issuer": user.learner.issuer, "id": user.learner.id} if user.learner is not None else None
    return {
        "id": user.id,
        "name": user.name,
        "roles": sorted(user.roles),
        "organisation": user.organisation,
        "learner": learner,
        "display_name": user.display_name,
    }
