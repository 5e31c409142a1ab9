"""Who may log in to the standalone application: ``users.json`` in the data folder, for its owner's eyes only.

Read again whenever it changes: who is added, removed or given another password is so at once, in every process.
"""

import json
import logging
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from creditbank_hooks import HostUser, LearnerIdentity
from creditbank_plugin.errors import Refused, invalid, need, not_found
from creditbank_plugin.login import passwords
from creditbank_plugin.services import filelock, private_file

log = logging.getLogger(__name__)

FILE, LOCK = "users.json", "users.lock"
#: The words of `creditbank_hooks.HostUser`; the first is a learner's, the last acts for the whole platform.
ROLES = ("student", "teacher", "registrar", "director", "committee", "admin")
STUDENT, ADMIN = ROLES[0], ROLES[-1]
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,59}", re.ASCII)
_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class User:
    """One who may log in.

    ``id`` is never given again, so that what somebody did stays theirs; ``turn`` changes with the password, and ends
    every session that began before.
    """

    id: str
    name: str
    password: str = field(repr=False)
    turn: str
    roles: frozenset[str]
    organisation: str | None = None
    learner: LearnerIdentity | None = None
    display_name: str = field(default="", repr=False)

    def as_host_user(self) -> HostUser:
        """Return what the credit bank is told about them."""
        return HostUser(
            id=self.id,
            roles=self.roles,
            learner=self.learner,
            organisation=self.organisation,
            display_name=self.display_name or self.name,
        )


class Users:
    """The users of one data folder."""

    def __init__(self, folder: Path) -> None:
        self._file, self._lock = folder / FILE, folder / LOCK
        self._seen: tuple[object, Mapping[str, User]] = (None, {})

    def all(self) -> Mapping[str, User]:
        """Return every user by name; `Refused` (503) where the file cannot be read: nobody is let in by mistake."""
        try:
            stat = self._file.stat()
            mark = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if self._seen[0] != mark:
                self._seen = (mark, _read(self._file.read_bytes()))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.error("the list of users cannot be read (%s): nobody can log in", type(error).__name__)
            raise Refused(
                "users_unreadable",
                f"อ่านรายชื่อผู้ใช้ ({FILE}) ไม่ได้",
                f"The list of users ({FILE}) cannot be read.",
                status=503,
            ) from None
        return self._seen[1]

    def named(self, name: str) -> User | None:
        """Return the user who is called ``name``, in whichever case it is written."""
        return self.all().get(name.strip().lower())

    def by_id(self, id: str) -> User | None:
        """Return the user with an id."""
        return next((user for user in self.all().values() if user.id == id), None)

    def add(
        self,
        name: str,
        password: str,
        *,
        roles: frozenset[str] = frozenset(),
        organisation: str | None = None,
        learner: LearnerIdentity | None = None,
        display_name: str = "",
    ) -> User:
        """Add a user; `Refused` names what is wrong with them."""
        name = _checked_name(name)
        roles = roles or (frozenset({STUDENT}) if learner is not None else roles)
        _check_roles(roles, organisation, learner)
        passwords.check(password, name)
        made = User(
            id=f"u_{secrets.token_hex(8)}",
            name=name,
            password=passwords.hashed(password),
            turn=secrets.token_hex(8),
            roles=roles,
            organisation=organisation,
            learner=learner,
            display_name=display_name.strip(),
        )

        def put(users: dict[str, User]) -> None:
            if name in users:
                raise Refused("user_taken", "มีผู้ใช้ชื่อนี้แล้ว", "There is a user of this name already.", status=409)
            users[name] = made

        self._change(put)
        return made

    def remove(self, name: str) -> User:
        """Remove a user, whose sessions end with it; `Refused` (404) for one who is not there."""
        gone: list[User] = []
        self._change(lambda users: gone.append(_taken(users, name)))
        return gone[0]

    def change_password(self, name: str, password: str) -> User:
        """Give a user another password; every session that began before ends."""
        passwords.check(password, name.strip().lower())
        kept, made = passwords.hashed(password), []

        def put(users: dict[str, User]) -> None:
            changed = replace(_taken(users, name), password=kept, turn=secrets.token_hex(8))
            made.append(changed)
            users[changed.name] = changed

        self._change(put)
        return made[0]

    def _change(self, change: Callable[[dict[str, User]], None]) -> None:
        """Change the file as a whole: one after the other, and nobody sees half of it."""
        with filelock.locked(self._lock):
            self._seen = (None, {})  # two changes within one tick of the file system's clock look alike
            users = dict(self.all())
            change(users)
            said = {"version": _VERSION, "users": [_written(users[name]) for name in sorted(users)]}
            private_file.replace(self._file, json.dumps(said, ensure_ascii=False, indent=1).encode())


def _taken(users: dict[str, User], name: str) -> User:
    found = users.pop(name.strip().lower(), None)
    if found is None:
        raise not_found()
    return found


def _checked_name(name: str) -> str:
    name = name.strip().lower()
    need(
        _NAME.fullmatch(name) is not None,
        "name",
        "ชื่อผู้ใช้ต้องเป็นอักษรอังกฤษ ตัวเลข หรือ . _ @ + - ไม่เกิน 60 ตัว และขึ้นต้นด้วยอักษรหรือตัวเลข",
        "A user's name is made of letters a-z, digits and . _ @ + -, 60 at most; it begins with a letter or a digit.",
    )
    return name


def _check_roles(roles: frozenset[str], organisation: str | None, learner: LearnerIdentity | None) -> None:
    if not roles or not roles <= set(ROLES):
        raise invalid("roles", f"ต้องระบุบทบาท: {', '.join(ROLES)}", f"A user needs a role: {', '.join(ROLES)}.")
    need(
        (STUDENT in roles) is (learner is not None),
        "learner",
        "ผู้เรียน (student) ต้องมีรหัสผู้เรียน และรหัสผู้เรียนใช้กับบทบาท student เท่านั้น",
        "One who learns (student) has a learner's id, and nobody else has.",
    )
    need(
        organisation is not None or roles <= {STUDENT, ADMIN},
        "organisation",
        "บุคลากรต้องมีหน่วยงานต้นสังกัด",
        "Staff need the organisation that they work for.",
    )


def _written(user: User) -> dict[str, Any]:
    learner = {"issuer": user.learner.issuer, "id": user.learner.id} if user.learner is not None else None
    return {**vars(user), "roles": sorted(user.roles), "learner": learner}


def _read(content: bytes) -> Mapping[str, User]:
    said = json.loads(content)
    if said["version"] != _VERSION:
        raise ValueError("a file of another version")
    found = {}
    for each in said["users"]:
        learner = LearnerIdentity(**each["learner"]) if each["learner"] is not None else None
        user = User(**{**each, "roles": frozenset(each["roles"]), "learner": learner})
        found[user.name] = user
    return found
