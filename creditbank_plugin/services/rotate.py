"""New keys: a new master, every data key wrapped anew under it, and a new data key for what comes.

With a key file a new master is made, and the old ones are dropped when nothing needs them any more.  With
``CREDITBANK_KEYS`` the operator puts the new key first.  Two processes may rotate at once, beside others that spool.
"""

import secrets
from dataclasses import dataclass

from creditbank_plugin.services import spool
from creditbank_plugin.services.keys import SEAL, Master, add_data_key, decrypt, encrypt, key_missing, place_of
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage.queries import data_keys
from creditbank_plugin.storage.session import writing


@dataclass(frozen=True)
class Rotated:
    """How many data keys were wrapped anew, and whether an old master had to stay (or is the operator's to drop)."""

    wrapped: int
    old_kept: bool


def rotate(runtime: Runtime) -> Rotated:
    """Rotate the keys of an installation; ``Refused("key_missing")`` when a master that the data needs is not here."""
    masters = runtime.keyring.masters
    with writing(runtime.engine) as connection:
        data_keys.lock(connection)
        with masters.locked():
            old = masters.held()
            by_id = {master.id: master.key for master in old}
            rows = data_keys.all_keys(connection)
            if any(row.master_id not in by_id for row in rows):
                raise key_missing()
            if not masters.from_settings:
                # On disk before anything is wrapped by it: a crash from here on leaves one key too many, never too few.
                masters.write([secrets.token_bytes(32), *(master.key for master in old)])
            newest = masters.all()[0]
            for row in rows:
                place = place_of(row.id, row.purpose)
                plain = decrypt(by_id[row.master_id], row.wrapped, place)
                data_keys.rewrap(connection, row.id, newest.id, encrypt(newest.key, plain, place))
            add_data_key(connection, SEAL, newest)
    old_kept = masters.from_settings or _drop(runtime, {master.id for master in old})
    runtime.keyring.prepare(runtime.engine)
    return Rotated(len(rows), old_kept)


def _drop(runtime: Runtime, old: set[str]) -> bool:
    """Drop the masters ``old`` that neither a data key nor a spooled file needs; tell whether one of them stays.

    Only those: a master that another process has added meanwhile is not ours to drop.
    """
    masters = runtime.keyring.masters
    with writing(runtime.engine) as connection:
        data_keys.lock(connection)
        with masters.locked():
            held = masters.held()
            needed = {row.master_id for row in data_keys.all_keys(connection)} | spool.needs(runtime, held)
            kept: list[Master] = [master for master in held if master.id not in old or master.id in needed]
            if len(kept) < len(held):
                masters.write([master.key for master in kept])
    return any(master.id in old for master in kept)
