"""Users in a file: what is kept of them, what is refused, and that nobody sees half of a change."""

import json
import stat
import threading
from pathlib import Path

import pytest

from creditbank_hooks import HostUser, LearnerIdentity
from creditbank_plugin.errors import Refused
from creditbank_plugin.login import passwords
from creditbank_plugin.login.users import FILE, ROLES, Users
from tests.builders import ISSUER, SCHOOL

PASSWORD = "รหัสผ่านที่ยาวพอ 2569"
LEARNER = LearnerIdentity(issuer=ISSUER, id="s-1")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm with less work: these tests keep many passwords."""
    monkeypatch.setattr(passwords, "_METHOD", "scrypt:1024:8:1")


@pytest.fixture
def users(tmp_path: Path) -> Users:
    return Users(tmp_path)


def test_what_is_kept_opens_nothing(users: Users, tmp_path: Path) -> None:
    made = users.add("Officer1", PASSWORD, roles=frozenset({"committee"}), organisation="P51")
    again = users.add("officer2", PASSWORD, roles=frozenset({"committee"}), organisation="P51")
    kept = (tmp_path / FILE).read_text(encoding="utf-8")
    assert PASSWORD not in kept
    assert "ยาวพอ" not in kept
    assert made.password.startswith("scrypt:1024:8:1$"), "the parameters stand beside the hash"
    assert made.password != again.password, "each has a salt of its own"
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert PASSWORD not in repr(made)
    assert made.password not in repr(made)


def test_a_password_costs_who_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    kept = passwords.hashed(PASSWORD)
    assert kept.startswith("scrypt:32768:8:3$")
    assert passwords.is_right(kept, PASSWORD)
    assert not passwords.is_right(kept, f"{PASSWORD}.")
    assert not passwords.is_right(None, PASSWORD)


def test_nobody_costs_as_much_as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time itself cannot be measured reliably: that the same work is done can."""
    monkeypatch.undo()
    compared: list[str] = []
    monkeypatch.setattr(passwords, "check_password_hash", lambda kept, _: compared.append(kept))
    passwords.is_right(passwords.hashed(PASSWORD), "x")
    passwords.is_right(None, "x")
    assert compared[0].split("$")[0] == compared[1].split("$")[0]
    assert [len(each) for each in compared[0].split("$")] == [len(each) for each in compared[1].split("$")]


def test_a_password_is_right_however_a_keyboard_spells_it() -> None:
    kept = passwords.hashed("caf\u00e9 caf\u00e9 caf\u00e9")
    assert passwords.is_right(kept, "cafe\u0301 cafe\u0301 cafe\u0301")


@pytest.mark.parametrize(
    "password", ["short", "x" * 12, "abababababababab", "a" * 201, "with\tcontrol signs", "somebody.long"]
)
def test_a_password_that_is_too_easy_is_refused(users: Users, password: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        users.add("somebody.long", password, roles=frozenset({"admin"}))
    assert refused.value.field == "password"
    assert password not in str(refused.value)
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize("name", ["", "ก้อง", "two words", "-x", "x" * 61, "a/b", "a\nb"])
def test_a_name_that_nobody_could_type_is_refused(users: Users, name: str) -> None:
    with pytest.raises(Refused) as refused:
        users.add(name, PASSWORD, roles=frozenset({"admin"}))
    assert refused.value.field == "name"


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_told_as_a_host_tells_it(users: Users, role: str) -> None:
    """What the hook ``current_user`` gives for an administrator, an officer, a director, a learner, the others."""
    learner = LEARNER if role == "student" else None
    made = users.add("who", PASSWORD, roles=frozenset({role}), organisation=SCHOOL, learner=learner, display_name="ผู้ใช้")
    found = Users(users._file.parent).named("WHO ")
    assert found == made
    told = HostUser(id=made.id, roles=frozenset({role}), learner=learner, organisation=SCHOOL, display_name="ผู้ใช้")
    assert found.as_host_user() == told


def test_a_learner_needs_no_role_and_no_organisation(users: Users) -> None:
    made = users.add("learner", PASSWORD, learner=LEARNER)
    assert made.as_host_user().roles == {"student"}
    assert made.as_host_user().display_name == "learner"


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("roles", {}),
        ("roles", {"roles": frozenset({"king"})}),
        ("learner", {"roles": frozenset({"student"})}),
        ("learner", {"roles": frozenset({"admin"}), "learner": LEARNER}),
        ("organisation", {"roles": frozenset({"director"})}),
        ("organisation", {"roles": frozenset({"admin", "committee"})}),
    ],
)
def test_a_user_who_makes_no_sense_is_refused(users: Users, field: str, told: dict[str, object]) -> None:
    with pytest.raises(Refused) as refused:
        users.add("who", PASSWORD, **told)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_another_process_sees_a_change_at_once_and_an_id_never_comes_back(users: Users, tmp_path: Path) -> None:
    elsewhere = Users(tmp_path)
    assert elsewhere.all() == {}
    first = users.add("who", PASSWORD, roles=frozenset({"admin"}))
    assert elsewhere.named("who") == first
    with pytest.raises(Refused, match="user_taken"):
        elsewhere.add("WHO", PASSWORD, roles=frozenset({"admin"}))
    changed = users.change_password("who", "another password")
    assert elsewhere.by_id(first.id) == changed
    assert changed.turn != first.turn
    assert passwords.is_right(changed.password, "another password")
    assert users.remove("who") == changed
    assert elsewhere.all() == {}
    assert users.add("who", PASSWORD, roles=frozenset({"admin"})).id != first.id
    for call in (lambda: users.remove("nobody"), lambda: users.change_password("nobody", PASSWORD)):
        with pytest.raises(Refused, match="not_found"):
            call()


def test_of_changes_at_once_none_is_lost(users: Users, tmp_path: Path) -> None:
    together = threading.Barrier(8)

    def add(number: int) -> None:
        mine = Users(tmp_path)
        together.wait()
        mine.add(f"user{number}", PASSWORD, roles=frozenset({"admin"}))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(users.all()) == [f"user{number}" for number in range(8)]
    assert {path.name for path in tmp_path.iterdir()} == {FILE, "users.lock"}, "no draft is left"


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"version": 2, "users": []}', '{"version": 1, "users": [{"name": "x"}]}']
)
def test_a_file_that_cannot_be_understood_lets_nobody_in_and_is_left_alone(
    users: Users, tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE).write_text(content)
    for call in (users.all, lambda: users.add("who", PASSWORD, roles=frozenset({"admin"}))):
        with pytest.raises(Refused) as refused:
            call()
        assert (refused.value.code, refused.value.status) == ("users_unreadable", 503)
    assert "nobody can log in" in caplog.text
    assert (tmp_path / FILE).read_text() == content


def test_the_file_is_plain_to_read(users: Users, tmp_path: Path) -> None:
    made = users.add("learner", PASSWORD, learner=LEARNER, display_name="ผู้เรียน")
    (said,) = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))["users"]
    assert said == {
        "id": made.id,
        "name": "learner",
        "password": made.password,
        "turn": made.turn,
        "roles": ["student"],
        "organisation": None,
        "learner": {"issuer": ISSUER, "id": "s-1"},
        "display_name": "ผู้เรียน",
    }
