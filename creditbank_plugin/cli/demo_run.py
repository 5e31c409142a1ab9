"""Make the demo and serve it: a small LMS with the credit bank attached, for this machine only."""

import os
import re
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask
from waitress.server import create_server

from creditbank_plugin.cli.database import bring_up
from creditbank_plugin.cli.demo_committee import SYSTEMS, USERS, Appointed, seed_group, seed_proposals
from creditbank_plugin.cli.demo_courses import demo_courses
from creditbank_plugin.cli.demo_folder import Folder
from creditbank_plugin.cli.demo_seed import (
    HOME,
    LMS_ISSUER,
    SCHOOL,
    XAPI_ISSUER,
    Placed,
    province_code,
    seed_bank,
)
from creditbank_plugin.cli.faults import Fault
from creditbank_plugin.cli.installation import DATABASE, database_url, engine_of, open_runtime, revision, settings_here
from creditbank_plugin.cli.output import note, short_document
from creditbank_plugin.demo.app import create_app
from creditbank_plugin.demo.seed import CourseSeed, Seeded, seed
from creditbank_plugin.logs import configure
from creditbank_plugin.rules.scopes import (
    ADOPTIONS_WRITE,
    CATALOGUE_READ,
    CATALOGUE_WRITE,
    COMPARISONS_APPROVE,
    COMPARISONS_PROPOSE,
    COMPARISONS_RATE,
    COMPARISONS_READ,
    CREDITS_READ,
    EVENTS_READ,
    EVENTS_WRITE,
    REPORTS_READ,
)
from creditbank_plugin.services import organisations
from creditbank_plugin.services.access import clients
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.settings import Settings
from creditbank_plugin.standalone import session_secret
from creditbank_plugin.storage import upgrade

HOST = "127.0.0.1"
THREADS = 8
BUSY_SECONDS = 20
CENTRE = province_code(HOME)
#: The demo's clients by name: their scopes, the issuer they speak for, the organisation they are of.
CLIENTS: Mapping[str, tuple[tuple[str, ...], str | None, str]] = {
    "reader": ((CREDITS_READ,), None, SCHOOL),
    "intake": ((EVENTS_WRITE, EVENTS_READ), LMS_ISSUER, SCHOOL),
    "xapi": ((EVENTS_WRITE,), XAPI_ISSUER, SCHOOL),
    "catalogue": ((CATALOGUE_READ, CATALOGUE_WRITE, COMPARISONS_READ, REPORTS_READ), None, CENTRE),
    "proposer": ((COMPARISONS_READ, COMPARISONS_PROPOSE), None, CENTRE),
    "rater1": ((COMPARISONS_READ, COMPARISONS_RATE), None, CENTRE),
    "rater2": ((COMPARISONS_READ, COMPARISONS_RATE), None, CENTRE),
    "chair": ((COMPARISONS_READ, COMPARISONS_APPROVE), None, CENTRE),
    "bank": ((ADOPTIONS_WRITE, COMPARISONS_READ), None, SCHOOL),
}


def run(port: int, data: Path | None, reset: bool) -> None:
    """Make the demo as far as it is missing and serve it on ``port`` until a signal comes."""
    signal.signal(signal.SIGTERM, _stop)
    settings = _settings(data)
    folder = Folder(settings.data)
    folder.hold(own_database=settings.database_url is None, reset=reset)
    listener = _listen(port)
    base_url = f"http://{HOST}:{listener.getsockname()[1]}"
    if reset:
        _reset(folder, settings)
    about = folder.about()
    if about:
        # The address changes before anything slow, so that nobody reads an old one.
        folder.write({**about, "base_url": base_url})
    configure(settings)
    note("making the demo … / กำลังเตรียมระบบสาธิต …")
    app, about = furnish(settings, folder, about, base_url)
    folder.write(about)
    short_document(about)
    sys.stdout.flush()
    student = about["users"][0]
    name, password = student["username"], student["password"]
    note(f"open {base_url} and log in as {name}, password {password} (Ctrl+C stops)")
    note(f"เปิด {base_url} แล้วเข้าด้วยชื่อ {name} รหัสผ่าน {password}")
    _serve(app, listener)
    note("stopped / หยุดแล้ว")


def _settings(data: Path | None) -> Settings:
    found = settings_here()
    folder = data.expanduser().resolve() if data is not None else found.data
    # A newcomer's terminal shows what to open, not every request; whoever asks for more by the setting gets it.
    level = found.log_level if os.environ.get("CREDITBANK_LOG_LEVEL") else "warning"
    return replace(found, data=folder, issuer=LMS_ISSUER, school=SCHOOL, log_level=level)


def _stop(number: int, frame: object) -> None:
    raise SystemExit(0)


def _listen(port: int) -> socket.socket:
    """Take the port before anything else: a busy one is said at once."""
    try:
        return socket.create_server((HOST, port))
    except OSError:
        raise Fault(
            f"port {port} is not free: choose another with --port (0 takes a free one)",
            f"พอร์ต {port} ไม่ว่าง เลือกพอร์ตอื่นด้วย --port",
        ) from None


def _reset(folder: Folder, settings: Settings) -> None:
    if settings.database_url is not None:
        raise Fault(
            "--reset deletes files in the folder only, and CREDITBANK_DATABASE_URL names another database: empty that "
            "one yourself",
            "--reset ลบเฉพาะไฟล์ในโฟลเดอร์ ไม่ลบฐานข้อมูลที่ตั้งไว้",
        )
    if (folder.path / DATABASE).exists():
        _refuse_strangers(open_runtime(settings, engine_of(database_url(settings))), folder)
    folder.reset()


def _refuse_strangers(runtime: Runtime, folder: Folder) -> None:
    """Raise `Fault` for a database in which another installation lives: the demo's made-up data must not enter it."""
    at = revision(runtime.engine)
    if at is None or (at != upgrade.head() and folder.is_demo() and runtime.settings.database_url is None):
        return
    if at == upgrade.head():
        known = organisations.organisations(runtime)
        if not known or SCHOOL in known:
            return
    raise Fault("the database holds an installation that is no demo", "ฐานข้อมูลนี้เป็นของระบบอื่น ไม่ใช่ระบบสาธิต")


def furnish(settings: Settings, folder: Folder, before: dict[str, Any], base_url: str) -> tuple[Flask, dict[str, Any]]:
    """Make database, credit bank and LMS as far as they are missing; return the application and ``demo.json``.

    ``before`` is what ``demo.json`` said last time: its passwords and clients stay.
    """
    url = database_url(settings)
    runtime = open_runtime(settings, engine_of(url, make=True))
    _refuse_strangers(runtime, folder)
    bring_up(runtime)
    placed = seed_bank(runtime, demo_courses())
    app = create_app(
        {
            "SQLALCHEMY_DATABASE_URI": url,
            "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(url),
            "SECRET_KEY": session_secret(folder.path),
            "LMS_ISSUER": LMS_ISSUER,
            "LMS_SCHOOL": SCHOOL,
            "LMS_CENTRE": province_code(HOME),
            "CREDITBANK_DATABASE_URL": url,
            "CREDITBANK_DATA": str(folder.path),
            "CREDITBANK_ISSUER": LMS_ISSUER,
            "CREDITBANK_LOGIN_URL": "/login",
            "CREDITBANK_SCHOOL": SCHOOL,
        }
    )
    seeded = seed(app, [_lms_course(each) for each in placed], _passwords(before))
    known = {name: _client(runtime, name, before) for name in CLIENTS}
    group = seed_group(runtime, _members(seeded, known))
    seed_proposals(runtime, group, {user.username: user for user in seeded.users}, placed)
    about = {
        "base_url": base_url,
        "issuer": LMS_ISSUER,
        "school": SCHOOL,
        "users": _users(seeded),
        "clients": known,
        "working_group": group,
        "courses": {
            "approved": [each.name() for each in placed if each.approved],
            "waiting": [each.name() for each in placed if each.course.fate != "adopted"],
        },
    }
    runtime.engine.dispose()
    return app, about


def _members(seeded: Seeded, known: Mapping[str, dict[str, Any]]) -> list[Appointed]:
    """Return whom the demo's order appoints: users of the LMS and, for other agencies' systems, clients."""
    users = {user.username: user for user in seeded.users}
    return [
        *(Appointed(f"user:{users[name].id}", users[name].name_th, role) for name, role in USERS.items()),
        *(Appointed(f"client:{known[name]['client_id']}", f"ระบบสาธิต {name}", role) for name, role in SYSTEMS.items()),
    ]


def _engine_options(url: str) -> dict[str, Any]:
    return {"connect_args": {"timeout": BUSY_SECONDS}} if url.startswith("sqlite") else {"pool_pre_ping": True}


def _lms_course(placed: Placed) -> CourseSeed:
    course = placed.course
    # Courses of several school years bear one title: the LMS, unlike the catalogue, tells them apart by the year.
    year = re.fullmatch(r"ม\.(\d)", course.level)
    return CourseSeed(
        owner=placed.owner,
        code=course.code,
        version=course.version,
        title_th=f"{course.title_th} ({course.level})" if year else course.title_th,
        title_en=f"{course.title_en} (M.{year[1]})" if year else course.title_en,
        group=course.group,
        hours=course.hours // 100 if course.hours is not None else None,
    )


def _passwords(before: dict[str, Any]) -> dict[str, str]:
    """Return last time's passwords by user name."""
    return {user["username"]: user["password"] for user in before.get("users", [])}


def _users(seeded: Seeded) -> list[dict[str, str | None]]:
    missing = [user.username for user in seeded.users if user.password is None]
    if missing:
        raise Fault(
            f"the passwords of {', '.join(missing)} are not in demo.json any more: start again with --reset",
            "ไม่พบรหัสผ่านใน demo.json ให้เริ่มใหม่ด้วย --reset",
        )
    return [
        {
            "username": user.username,
            "password": user.password,
            "role": user.role,
            "learner_id": user.learner_id,
        }
        for user in seeded.users
    ]


def _client(runtime: Runtime, name: str, before: dict[str, Any]) -> dict[str, Any]:
    """Return a client's entry in ``demo.json``: last time's where it still works, else a new one."""
    scopes, issuer, organisation = CLIENTS[name]
    known = before.get("clients", {}).get(name, {})
    client_id, secret = known.get("client_id"), known.get("client_secret")
    if not (client_id and secret and clients.authenticate(runtime, client_id, secret) is not None):
        wish = clients.Wish(
            name=f"demo {name}",
            organisation=organisation,
            scopes=scopes,
            issuer=issuer,
            may_open_accounts=issuer is not None,
        )
        made = clients.create(runtime, wish)
        client_id, secret = made.client_id, made.client_secret
    entry: dict[str, Any] = {"client_id": client_id, "client_secret": secret, "scopes": list(scopes)}
    return {**entry, "issuer": issuer} if name == "xapi" else entry


def _serve(app: Flask, listener: socket.socket) -> None:
    """Serve until a signal comes; requests that run are finished."""
    server = create_server(app, sockets=[listener], threads=THREADS, ident=None)
    server.run()
    server.close()
