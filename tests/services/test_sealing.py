"""Personal data: sealed at rest, absent from logs, texts and views; keys can be rotated."""

import json
import logging
import re
from datetime import date

import pytest
from sqlalchemy import text

from creditbank_plugin.errors import Refused
from creditbank_plugin.services import accounts, events
from creditbank_plugin.services.keys import Keyring
from creditbank_plugin.services.rotate import Rotated, rotate
from creditbank_plugin.services.settling.keep import Sender
from creditbank_plugin.services.settling.receive import letter, receive
from creditbank_plugin.services.settling.settle import settle
from creditbank_plugin.settings import read
from creditbank_plugin.storage.base import Base
from creditbank_plugin.storage.session import reading
from tests.builders import ISSUER, SCHOOL, House, completed, learner

NAME, CITIZEN, BORN = "เด็กหญิงตัวอย่าง ทดสอบ", "1101700230708", date(2010, 5, 16)
SECRETS = (NAME, CITIZEN, "2010-05-16", "ทดสอบ@example")


def tell(house: House, event_id: str = "e1") -> None:
    who = learner(1, name=NAME, national_id=CITIZEN, birth_date=BORN)
    sender = Sender(door="events", organisation=SCHOOL, issuer=ISSUER, client_id="c", may_open=True)
    told = completed(who, event_id=event_id, extra={"e_mail": "ทดสอบ@example"})
    receive(house.runtime, [letter(told)], sender)


def everything(house: House) -> str:
    """Every value of every table, as text; bytes as Latin letters so that an unsealed text would be found."""
    found: list[str] = []
    with reading(house.runtime.engine) as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(text(f"select * from {table.name}")):
                for value in row:
                    if isinstance(value, bytes | memoryview):
                        found.append(bytes(value).decode("utf-8", "replace"))
                    else:
                        found.append(json.dumps(value, ensure_ascii=False, default=str))
    return "\n".join(found)


def test_personal_data_is_sealed_wherever_it_stands(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    tell(house)
    kept = everything(house)
    assert "s-1" in kept, "the search would find a plain text"
    for secret in SECRETS:
        assert secret not in kept
        assert secret not in caplog.text
    (event,) = events.page(house.runtime).items
    assert event.tiding["learner"]["name"] == "[redacted]"
    assert not any(secret in repr(event) for secret in SECRETS)
    assert not any(secret in repr(completed(learner(1, name=NAME, national_id=CITIZEN))) for secret in SECRETS)


def test_rotating_keys_leaves_everything_readable_and_drops_the_old_master(house: House) -> None:
    tell(house)
    before = house.runtime.keyring.masters.path.read_text()
    assert rotate(house.runtime) == Rotated(wrapped=2, old_kept=False)
    after = house.runtime.keyring.masters.path.read_text()
    assert len(json.loads(after)["keys"]) == 1
    assert before != after
    assert house.runtime.keyring.masters.path.stat().st_mode & 0o777 == 0o600
    fresh = Keyring(house.runtime.settings)
    fresh.prepare(house.runtime.engine)
    house.runtime.keyring = fresh
    events.retry(house.runtime, [events.page(house.runtime).items[0].event_id])  # opens the old row again
    tell(house, "e2")
    assert next(each.reason for each in events.page(house.runtime).items) == "credited.already"


def test_another_process_learns_of_a_rotation_by_itself(house: House) -> None:
    other = Keyring(house.runtime.settings)
    other.prepare(house.runtime.engine)
    rotate(house.runtime)
    tell(house)
    house.runtime.keyring = other
    events.retry(house.runtime, [events.page(house.runtime).items[0].event_id])
    assert settle(house.runtime) == {}
    assert events.page(house.runtime).items[0].state == "credited"


def test_without_its_key_nothing_is_opened_and_nothing_is_lost(house: House) -> None:
    tell(house)
    house.runtime.keyring.masters.path.unlink()
    stranger = Keyring(house.runtime.settings)
    with pytest.raises(Refused, match="key_missing"):
        stranger.prepare(house.runtime.engine)


def test_keys_from_the_settings(tmp_path: object) -> None:
    import base64

    text_of = base64.urlsafe_b64encode(bytes(32)).decode()
    masters = Keyring(read({"CREDITBANK_KEYS": f"{text_of}, {text_of}", "CREDITBANK_DATA": str(tmp_path)})).masters
    assert [len(each.key) for each in masters.all()] == [32, 32]
    assert not re.search(r"AAAA", repr(masters.all()))
    with pytest.raises(ValueError, match="CREDITBANK_KEYS"):
        Keyring(read({"CREDITBANK_KEYS": "short"})).masters.all()


def test_a_learner_is_found_by_issuer_and_id_only(house: House) -> None:
    tell(house)
    assert accounts.find_learners(house.runtime, ISSUER, CITIZEN) == []
    assert accounts.find_learners(house.runtime, ISSUER, "s-1")
