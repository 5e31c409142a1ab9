"""Checkpoints kept elsewhere: whoever rewrites history, also with every chain sound, is found out."""

import json
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.engine import make_url

from creditbank_plugin.errors import Refused
from creditbank_plugin.formats import checkpoint_json
from creditbank_plugin.services.proving import against as holding
from creditbank_plugin.services.proving import checkpoints, verify
from creditbank_plugin.storage.tables import CheckpointHead, StoredCheckpoint
from tests import postgres
from tests.builders import House, completed, make_app, moment, revoked
from tests.conftest import close
from tests.services.ledger_attacks import (
    accounts,
    behind_the_guards,
    cut_tail,
    forget_checkpoints,
    hash_anew,
    mend_heads,
    take_out,
)

REWRITTEN = "history was rewritten since checkpoint 1 was signed: the root does not fit"


def signed(house: House) -> bytes:
    """Three accounts, one of them with two entries; the checkpoint of them, as kept elsewhere."""
    for number in (1, 2, 3):
        house.bank.hear(completed(number))
    house.bank.hear(revoked(1, revoked_at=moment(4)))
    return checkpoint_json.write(checkpoints.make(house.runtime)).encode()


def whys(house: House, kept: bytes, key: str | None = None) -> list[tuple[object, object, str]]:
    found = holding.against(house.runtime, kept, key)
    assert found.about["fits"] is (found.broken == [])
    return [(each["account_id"], each["seq"], str(each["why"])) for each in found.broken]


def chains_are_sound(house: House) -> bool:
    return verify.verify(house.runtime)["broken"] == []


def test_an_untouched_ledger_fits_also_when_it_grew_since(house: House) -> None:
    kept = signed(house)
    assert whys(house, kept) == []
    house.bank.hear(completed(4))
    house.bank.hear(completed(1, attempt=2, score=95, completed_at=moment(9)))
    assert whys(house, kept) == []
    newer = checkpoint_json.write(checkpoints.make(house.runtime)).encode()
    assert (whys(house, kept), whys(house, newer)) == ([], [])


def test_a_cut_tail_is_found_also_when_the_stored_heads_are_made_to_fit(house: House) -> None:
    kept, longest = signed(house), accounts(house)[0]
    with behind_the_guards(house) as connection:
        cut_tail(connection, longest)
    assert chains_are_sound(house)
    ((account, seq, why),) = whys(house, kept)
    assert (account, seq) == (longest, 2)
    assert "is gone" in why
    with behind_the_guards(house) as connection:
        mend_heads(connection)
    ((account, seq, why),) = whys(house, kept)
    assert (account, seq) == (None, 0)
    assert why.startswith(REWRITTEN)
    assert "3 entries, not of 3 and 4" in why


def test_a_tail_cut_and_grown_again_is_found(house: House) -> None:
    kept = signed(house)
    longest = accounts(house)[0]
    with behind_the_guards(house) as connection:
        cut_tail(connection, longest)
    house.bank.hear(completed(1, attempt=2, score=95, completed_at=moment(9)))
    assert [(account, seq) for account, seq, _ in whys(house, kept)] == [(longest, 2)]


def test_an_account_deleted_whole_is_found_also_with_everything_of_it(house: House) -> None:
    kept, gone = signed(house), accounts(house)[-1]
    with behind_the_guards(house) as connection:
        take_out(connection, gone)
    assert chains_are_sound(house)
    ((account, _, why),) = whys(house, kept)
    assert account == gone
    assert "or all of it" in why
    with behind_the_guards(house) as connection:
        mend_heads(connection)
    ((account, seq, why),) = whys(house, kept)
    assert (account, seq) == (None, 0)
    assert "there are heads of 2 accounts and 3 entries, not of 3 and 4" in why


def test_chains_hashed_anew_are_found_also_together_with_the_stored_heads(house: House) -> None:
    kept, forged = signed(house), accounts(house)[:2]
    with behind_the_guards(house) as connection:
        for account in forged:
            hash_anew(connection, account)
    assert chains_are_sound(house)
    assert {(account, why.rpartition(" is ")[2]) for account, _, why in whys(house, kept)} == {
        (account, "another: it was hashed anew") for account in forged
    }
    with behind_the_guards(house) as connection:
        mend_heads(connection)
    ((account, seq, why),) = whys(house, kept)
    assert (account, seq) == (None, 0)
    assert why.startswith(REWRITTEN)


def test_checkpoints_that_were_taken_away_or_replaced_are_found(house: House) -> None:
    """The forger signs all anew, even with the right key: the copy that was kept says otherwise."""
    kept = signed(house)
    with behind_the_guards(house) as connection:
        hash_anew(connection, accounts(house)[0])
        forget_checkpoints(connection)
    assert chains_are_sound(house)
    found = whys(house, kept)
    assert "checkpoint 1 is not in the database, which ends at 0" in found[0][2]
    assert found[1][2].startswith(REWRITTEN)
    checkpoints.make(house.runtime)
    found = whys(house, kept)
    assert found[0] == (None, 0, "checkpoint 1 in the database is another than the one in the file")
    assert found[1][2].startswith(REWRITTEN)


def test_a_changed_series_is_found(house: House) -> None:
    signed(house)
    for _ in range(2):
        checkpoints.make(house.runtime)
    kept = checkpoints.document(house.runtime, 3).encode()
    second = json.loads(checkpoints.document(house.runtime, 2))
    with behind_the_guards(house) as connection:
        forged = json.dumps({**second, "entries": 1})
        connection.execute(update(StoredCheckpoint).where(StoredCheckpoint.number == 2).values(document=forged))
    found = [why for _, _, why in whys(house, kept)]
    assert found == [
        "checkpoint 2 in the database is not what was signed: its signature does not fit",
        "checkpoint 3 in the database does not follow the one before it",
    ]
    with behind_the_guards(house) as connection:
        connection.execute(update(StoredCheckpoint).where(StoredCheckpoint.number == 2).values(document="x"))
    assert [why for _, _, why in whys(house, kept)] == ["checkpoint 2 in the database cannot be read: it was changed"]


def test_stored_heads_that_were_changed_do_not_accuse_the_ledger(house: House) -> None:
    kept = signed(house)
    with behind_the_guards(house) as connection:
        connection.execute(update(CheckpointHead).values(hash=bytes(32)))
    assert whys(house, kept) == [
        (None, 0, "the stored heads of checkpoint 1 were changed; the ledger itself fits the root")
    ]


def test_a_database_restored_from_a_dump_fits(house: House, make_url: Callable[..., str], tmp_path: Path) -> None:
    kept = signed(house)
    house.bank.hear(completed(4))
    checkpoints.make(house.runtime)
    engine = house.runtime.engine
    url = make_url(engine.dialect.name, blank=True, name="restored")
    dump_and_restore(engine.url.render_as_string(hide_password=False), url)
    (tmp_path / "elsewhere").mkdir()
    restored = make_app(tmp_path / "elsewhere", url)
    try:
        assert whys(restored, kept) == []
        assert chains_are_sound(restored)
        with pytest.raises(Refused, match="checkpoint_key_other"):
            checkpoints.make(restored.runtime)
        made = checkpoints.make(restored.runtime, new_key=True)
        assert made.previous == checkpoints.get(house.runtime).hash
        assert (made.accounts, whys(restored, kept)) == (4, [])
    finally:
        close(restored)


def dump_and_restore(source: str, target: str) -> None:
    """Bring a database to another place by the dump of its own tools."""
    if make_url(source).get_backend_name() == "sqlite":
        with (
            sqlite3.connect(str(make_url(source).database)) as old,
            sqlite3.connect(str(make_url(target).database)) as new,
        ):
            new.executescript("\n".join(old.iterdump()))
        return
    programs = postgres.binaries()
    assert programs is not None
    plain = [each.replace("+psycopg", "") for each in (source, target)]
    dump = subprocess.run([programs / "pg_dump", "--no-owner", plain[0]], check=True, capture_output=True)
    restore = [programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", plain[1]]
    subprocess.run(restore, input=dump.stdout, check=True, capture_output=True)


def test_a_wrong_key_and_a_changed_file_are_said(house: House) -> None:
    kept, own = signed(house), checkpoints.get(house.runtime)
    assert whys(house, kept, own.fingerprint) == []
    assert whys(house, kept, own.public_key.hex()) == []
    ((account, seq, why),) = whys(house, kept, "ab" * 32)
    assert (account, seq) == (None, 0)
    assert "signed by another key than the one named" in why
    for change in ({"root": "ab" * 32}, {"entries": 5}, {"made_at": "2020-01-01T00:00:00Z"}, {"signature": "ab" * 64}):
        changed = json.dumps({**json.loads(kept), **change}).encode()
        assert whys(house, changed) == [(None, 0, "the file is not what was signed: its signature does not fit")]
    for raw in (b"", b"{}", bytes(100)):
        with pytest.raises(Refused, match="checkpoint_unreadable"):
            holding.against(house.runtime, raw)
        with pytest.raises(Refused, match="checkpoint_unreadable"):
            holding.proved(raw)


@pytest.mark.parametrize(("told", "good"), [("AB:" * 31 + "AB", True), ("ab" * 32 + "\n", True), ("ab" * 31, False)])
def test_a_key_is_named_in_hex_however_it_is_grouped(told: str, good: bool) -> None:
    if good:
        assert holding.key_in(told) == "ab" * 32
    else:
        with pytest.raises(Refused, match="checkpoint_key_unreadable"):
            holding.key_in(told)
