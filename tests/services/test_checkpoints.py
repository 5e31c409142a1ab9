"""Signing the ledger: what a checkpoint says, its key, its chain, and proofs of single accounts."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from creditbank_plugin.errors import Refused
from creditbank_plugin.formats import checkpoint_json
from creditbank_plugin.rules.checkpoint import BEGINNING, Checkpoint, Head, leaf
from creditbank_plugin.rules.merkle import EMPTY, Tree
from creditbank_plugin.services.proving import against as holding
from creditbank_plugin.services.proving import checkpoint_key, checkpoints
from creditbank_plugin.services.proving.head_file import HeadFile
from creditbank_plugin.settings import Settings
from creditbank_plugin.storage.base import new_id
from creditbank_plugin.storage.queries import checkpoints as stored
from creditbank_plugin.storage.session import reading
from creditbank_plugin.storage.tables import CheckpointHead, Entry
from tests.builders import House, completed, moment, revoked
from tests.services.ledger_attacks import accounts, behind_the_guards, cut_tail, hash_anew, take_out

SECRET = base64.urlsafe_b64encode(bytes(range(32))).decode()


def test_a_checkpoint_is_the_signed_root_over_all_heads(house: House) -> None:
    house.bank.hear(completed(1))
    house.bank.hear(completed(2))
    house.bank.hear(revoked(1, revoked_at=moment(4)))
    made = checkpoints.make(house.runtime)
    tree = Tree()
    with house.runtime.engine.connect() as connection:
        for account in sorted(accounts(house)):
            last = select(Entry.seq, Entry.hash).where(Entry.account_id == account).order_by(Entry.seq.desc())
            seq, own = connection.execute(last).first() or (0, b"")
            tree.add(leaf(Head(account, seq, bytes(own))))
    assert (made.number, made.accounts, made.entries, made.root) == (1, 2, 3, tree.root())
    assert made.previous == BEGINNING
    assert checkpoint_key.is_signed(made)
    assert not checkpoint_key.is_signed(replace(made, entries=4))


def test_what_is_committed_later_belongs_to_the_next_which_keeps_no_more_than_that(house: House) -> None:
    house.bank.hear(completed(1))
    house.bank.hear(completed(2))
    made = [checkpoints.make(house.runtime), checkpoints.make(house.runtime)]
    house.bank.hear(completed(3))
    house.bank.hear(revoked(1, revoked_at=moment(4)))
    made.append(checkpoints.make(house.runtime))
    assert [(each.accounts, each.entries) for each in made] == [(2, 2), (2, 2), (3, 4)]
    with reading(house.runtime.engine) as connection:
        assert [len(list(stored.stored_heads(connection, number))) for number in (0, 1, 2, 3, 9)] == [0, 2, 2, 3, 3]
        kept = connection.scalars(select(CheckpointHead.checkpoint).order_by(CheckpointHead.checkpoint))
        assert list(kept) == [1, 1, 3, 3]


def test_checkpoints_of_nothing_are_good_and_given_in_pages(house: House) -> None:
    made = [checkpoints.make(house.runtime) for _ in range(3)]
    assert (made[0].accounts, made[0].root) == (0, EMPTY)
    assert [each.previous for each in made] == [BEGINNING, made[0].hash, made[1].hash]
    for each in made:
        assert holding.against(house.runtime, checkpoint_json.write(each).encode()).broken == []
    page = checkpoints.page(house.runtime, limit=2)
    assert (page.items, page.next) == ([made[2], made[1]], 2)
    assert checkpoints.page(house.runtime, below=2, limit=2) == checkpoints.Page([made[0]], None)
    assert checkpoints.document(house.runtime, 2) == checkpoint_json.write(made[1])
    assert checkpoints.get(house.runtime) == made[2]
    for number in (4, 2**40, 2**70):
        with pytest.raises(Refused, match="not_found"):
            checkpoints.get(house.runtime, number)


def test_two_at_once_make_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.bank.hear(completed(1))
    sign = checkpoint_key.SigningKey.sign

    def later(key: checkpoint_key.SigningKey, checkpoint: Checkpoint) -> Checkpoint:
        monkeypatch.setattr(checkpoint_key.SigningKey, "sign", sign)
        checkpoints.make(house.runtime)
        return sign(key, checkpoint)

    monkeypatch.setattr(checkpoint_key.SigningKey, "sign", later)
    with pytest.raises(Refused, match="checkpoint_busy"):
        checkpoints.make(house.runtime)
    with house.runtime.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(CheckpointHead)) == 1
    assert checkpoints.make(house.runtime).number == 2


@pytest.mark.parametrize("attack", [cut_tail, take_out, hash_anew])
def test_a_ledger_that_does_not_go_on_from_the_last_one_is_not_signed(house: House, attack: Any) -> None:
    house.bank.hear(completed(1))
    house.bank.hear(completed(2))
    house.bank.hear(revoked(1, revoked_at=moment(4)))
    checkpoints.make(house.runtime)
    with behind_the_guards(house) as connection:
        attack(connection, accounts(house)[0])
    with pytest.raises(Refused, match="ledger_rewritten"):
        checkpoints.make(house.runtime)
    assert checkpoints.get(house.runtime).number == 1


def test_a_lost_key_is_not_replaced_in_silence(house: House) -> None:
    path = checkpoint_key.path_of(house.runtime.settings)
    assert not path.exists()
    old = checkpoints.make(house.runtime)
    assert checkpoints.make(house.runtime).public_key == old.public_key
    path.unlink()
    with pytest.raises(Refused, match="checkpoint_key_other"):
        checkpoints.make(house.runtime)
    assert not path.exists()
    before, new = checkpoints.get(house.runtime), checkpoints.make(house.runtime, new_key=True)
    assert (new.public_key == old.public_key, new.previous) == (False, before.hash)
    assert holding.against(house.runtime, checkpoint_json.write(old).encode()).broken == []


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "new")
    assert checkpoint_key.held(settings) is None
    made = checkpoint_key.make(settings)
    assert checkpoint_key.path_of(settings).stat().st_mode & 0o777 == 0o600
    assert [each.name for each in settings.data.iterdir()] == ["checkpoint-key.json"]
    assert checkpoint_key.make(settings) == checkpoint_key.held(settings) == made, "never replaced"
    assert repr(made) == "SigningKey()"


def test_the_key_of_the_setting_goes_first(tmp_path: Path) -> None:
    checkpoint_key.make(Settings(data=tmp_path))
    held = checkpoint_key.held(Settings(data=tmp_path, checkpoint_key=SECRET))
    assert held == checkpoint_key.SigningKey(bytes(range(32)))
    # RFC 8032, section 7.1, TEST 1
    known = checkpoint_key.SigningKey(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    assert known.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"key": 7}', '{"key": "AA"}'])
def test_a_broken_key_file_is_said_and_left_alone(tmp_path: Path, text: str) -> None:
    settings = Settings(data=tmp_path)
    checkpoint_key.path_of(settings).write_text(text)
    for use in (checkpoint_key.held, checkpoint_key.make):
        with pytest.raises(Refused, match="checkpoint_key_unreadable"):
            use(settings)
    assert checkpoint_key.path_of(settings).read_text() == text


def test_an_account_is_proved_without_a_database(house: House) -> None:
    for number in range(1, 8):
        house.bank.hear(completed(number))
    made, all_of_them = checkpoints.make(house.runtime), accounts(house)
    house.bank.hear(completed(8))
    for account, other in zip(all_of_them, [*all_of_them[1:], all_of_them[0]], strict=True):
        proof = checkpoint_json.write_proof(checkpoints.prove(house.runtime, account)).encode()
        assert holding.proved(proof)["fits"]
        assert holding.proved(proof, made.fingerprint)["fits"]
        assert "another key" in holding.proved(proof, "ab" * 32)["why"]
        told = json.loads(proof)
        for change in ({"account_id": other}, {"seq": 2}, {"hash": "ab" * 32}, {"index": (told["index"] + 1) % 7}):
            assert "do not lead to the signed root" in holding.proved(json.dumps({**told, **change}).encode())["why"]
        forged = {**told, "checkpoint": {**told["checkpoint"], "accounts": 8}}
        assert "signature does not fit" in holding.proved(json.dumps(forged).encode())["why"]


def test_no_proof_without_account_checkpoint_or_true_heads(house: House) -> None:
    with pytest.raises(Refused, match="not_found:"):
        checkpoints.prove(house.runtime, new_id())
    house.bank.hear(completed(1))
    house.bank.hear(completed(2))
    checkpoints.make(house.runtime)
    for nobody in (new_id(), "nobody"):
        with pytest.raises(Refused, match="account_not_in_checkpoint"):
            checkpoints.prove(house.runtime, nobody)
    account, other = accounts(house)
    assert checkpoints.prove(house.runtime, account.upper(), 1).head.account_id == account
    with behind_the_guards(house) as connection:
        connection.execute(CheckpointHead.__table__.delete().where(CheckpointHead.account_id == other))
    with pytest.raises(Refused, match="checkpoint_heads_changed"):
        checkpoints.prove(house.runtime, account)


def test_heads_put_aside_come_back_as_they_were() -> None:
    heads = [Head(new_id(), seq, bytes([seq]) * 32) for seq in (1, 2, 200)]
    with HeadFile() as file:
        for head in heads:
            file.put(head)
        assert list(file) == heads
        assert list(file) == heads
