"""The keys that seal personal data.

Master keys (32 bytes) come from the setting ``CREDITBANK_KEYS`` or from ``keys.json`` in the data folder; they wrap the
data keys that stand in the database.  Rotating (`rotate.py`) means: a new master, the data keys wrapped anew, and a new
data key for what comes.  Sealed rows themselves are immutable and need no touch.
"""

import base64
import hashlib
import hmac
import json
import logging
import os
import secrets
import sys
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from creditbank_plugin.errors import Refused
from creditbank_plugin.formats import json_text
from creditbank_plugin.services import private_file
from creditbank_plugin.services.filelock import locked
from creditbank_plugin.settings import Settings
from creditbank_plugin.storage.queries import data_keys
from creditbank_plugin.storage.session import is_memory, reading, writing

log = logging.getLogger(__name__)
SEAL, LOOKUP = "seal", "lookup"
NONCE = 12
#: How long a running process may go on sealing with a data key that another has followed by a newer one.
FRESH_SECONDS = 10.0


@dataclass(frozen=True)
class Master:
    """A master key by its public name."""

    id: str
    key: bytes = field(repr=False)


def encrypt(key: bytes, plain: bytes, about: bytes) -> bytes:
    """Seal ``plain`` with AES-256-GCM, bound to ``about`` (what it belongs to)."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, about)


def decrypt(key: bytes, sealed: bytes, about: bytes) -> bytes:
    """Open what `encrypt` sealed; ``Refused("key_missing")`` when the key or the place is not the right one."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], about)
    except InvalidTag:
        raise key_missing() from None


def key_missing() -> Refused:
    """Return the refusal of an installation whose keys do not fit its data."""
    return Refused(
        "key_missing",
        "เปิดข้อมูลส่วนบุคคลไม่ได้ เพราะไม่มีกุญแจที่ใช้ปิดไว้",
        "Personal data cannot be opened: the key that sealed it is not here.",
        status=503,
    )


class MasterKeys:
    """Where the master keys of an installation live: the first one wraps, the others only open."""

    def __init__(self, settings: Settings) -> None:
        self._given, self.path = settings.keys, settings.data / "keys.json"

    @property
    def from_settings(self) -> bool:
        """Tell whether the keys come from ``CREDITBANK_KEYS`` rather than from our own file."""
        return self._given is not None

    def all(self) -> list[Master]:
        """Return every master key, the wrapping one first; a new file is made where there is none."""
        if self._given is not None:
            return [_master(text) for text in self._given.replace(" ", "").split(",") if text]
        if not self.path.exists():
            private_file.make(self.path, _document([secrets.token_bytes(32)]))
        return self.held()

    def held(self) -> list[Master]:
        """Return every master key there is now, the wrapping one first; nothing is made."""
        if self._given is not None:
            return self.all()
        try:
            text = self.path.read_text()
        except FileNotFoundError:
            return []
        return [_master(each) for each in json.loads(text)["keys"]]

    def locked(self, *, shared: bool = False) -> AbstractContextManager[None]:
        """Keep every other process from changing the file, or (alone) from sealing a file with one of its keys.

        Where the database's lock of the keys is needed too, it is taken first: a host's open transaction may hold
        the database and wait here, never the other way round.
        """
        return locked(self.path.with_name("keys.lock"), shared=shared)

    def write(self, keys: Iterable[bytes]) -> None:
        """Replace the file in one step, readable by its owner only, safely on disk when this returns."""
        private_file.replace(self.path, _document(keys))
        if sys.platform != "win32":
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _document(keys: Iterable[bytes]) -> bytes:
    """Return what the key file holds."""
    return json.dumps({"keys": [base64.urlsafe_b64encode(key).decode() for key in keys]}).encode()


def _master(text: str) -> Master:
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ValueError("CREDITBANK_KEYS must be base64 texts of 32 bytes each, separated by commas")
    return Master(hashlib.sha256(b"creditbank master " + key).hexdigest()[:16], key)


def place_of(number: int, purpose: str) -> bytes:
    """Return what a wrapped data key is bound to."""
    return f"data key {number} {purpose}".encode()


def add_data_key(connection: Connection, purpose: str, master: Master) -> None:
    """Make a new data key, wrapped by ``master``; `data_keys.lock` must be held."""
    number = data_keys.next_id(connection)
    wrapped = encrypt(master.key, secrets.token_bytes(32), place_of(number, purpose))
    data_keys.add(connection, number, purpose, master.id, wrapped, datetime.now(UTC))


class Keyring:
    """Seals and opens personal data; the unwrapped data keys are remembered."""

    def __init__(self, settings: Settings) -> None:
        self.masters = MasterKeys(settings)
        self._open: dict[int, bytes] = {}
        self._newest: int | None = None
        self._lookup: bytes | None = None
        self._engine: Engine | None = None
        self._looked = 0.0

    @property
    def ready(self) -> bool:
        """Tell whether the data keys are loaded."""
        return self._newest is not None

    def prepare(self, engine: Engine) -> None:
        """Load the data keys, making the first two where there are none (one to seal, one to compare IDs by)."""
        self._looked = time.monotonic()
        before = self.masters.held()  # a rotation may drop the old ones while we read the rows
        with reading(engine) as connection:
            rows = data_keys.all_keys(connection)
        if not {SEAL, LOOKUP} <= {row.purpose for row in rows}:
            with writing(engine) as connection:
                self._make_missing(connection)
                rows = data_keys.all_keys(connection)
        self._load(rows, before)
        # One connection is all there is of a database in memory: no other process makes keys in it.
        self._engine = None if is_memory(engine.url) else engine

    def fresh(self, engine: Engine, within: Connection | None = None) -> None:
        """Load the data keys where they are not loaded, and look now and then whether another process made a newer one.

        To be called before a transaction is open, or with its connection as ``within``.  Where looking fails, what we
        have stays good.
        """
        if not self.ready:
            self.prepare(engine)
        elif self._engine is not None and time.monotonic() - self._looked > FRESH_SECONDS:
            self._looked = time.monotonic()
            try:
                if within is None:
                    self.prepare(engine)
                else:
                    before = self.masters.held()
                    self._load(data_keys.all_keys(within), before)
            except (SQLAlchemyError, Refused, OSError, ValueError, KeyError) as error:
                log.warning("the keys could not be read again (%s); those at hand are used", type(error).__name__)

    def prepare_within(self, connection: Connection) -> None:
        """Do the same in a transaction of the caller, where the database has one connection only."""
        self._make_missing(connection)
        self._load(data_keys.all_keys(connection))

    def _make_missing(self, connection: Connection) -> None:
        data_keys.lock(connection)
        present = {row.purpose for row in data_keys.all_keys(connection)}
        for purpose in (LOOKUP, SEAL):
            if purpose not in present:
                add_data_key(connection, purpose, self.masters.all()[0])

    def _load(self, rows: Iterable[Any], also: Iterable[Master] = ()) -> None:
        masters = {master.id: master.key for master in (*also, *self.masters.held())}
        opened, newest, lookup = {}, None, None
        for row in rows:
            if row.master_id not in masters:
                raise key_missing()
            key = decrypt(masters[row.master_id], row.wrapped, place_of(row.id, row.purpose))
            if row.purpose == LOOKUP:
                lookup = lookup or key
            else:
                opened[row.id], newest = key, row.id
        self._open, self._newest, self._lookup = opened, newest, lookup

    def seal(self, plain: dict[str, Any], about: str) -> bytes:
        """Seal a JSON-ready dict, bound to the row ``about``; `prepare` must have run."""
        if self._newest is None:
            raise key_missing()
        body = json_text.dumps(plain).encode()
        return self._newest.to_bytes(4, "big") + encrypt(self._open[self._newest], body, about.encode())

    def unseal(self, sealed: bytes, about: str) -> dict[str, Any]:
        """Open what `seal` sealed for the row ``about``; a key that another process made since is loaded."""
        number = int.from_bytes(sealed[:4], "big")
        if number not in self._open and self._engine is not None:
            self.prepare(self._engine)
        if number not in self._open:
            raise key_missing()
        opened: dict[str, Any] = json_text.loads(decrypt(self._open[number], sealed[4:], about.encode()))
        return opened

    def mac(self, purpose: str, text: str) -> bytes:
        """Return a keyed digest (32 bytes) by which what we handed out is known again; ``purpose`` keeps uses apart."""
        if self._lookup is None:
            raise key_missing()
        own = hmac.new(self._lookup, f"mac {purpose}".encode(), hashlib.sha256).digest()
        return hmac.new(own, text.encode(), hashlib.sha256).digest()

    def digest(self, national_id: str) -> bytes:
        """Return a keyed digest by which two national IDs can be compared and none can be guessed."""
        if self._lookup is None:
            raise key_missing()
        return hmac.new(self._lookup, national_id.encode(), hashlib.sha256).digest()
