"""How the module is, at a glance: nothing is changed by looking, no key and no file is made."""

from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from creditbank_plugin.services import spool
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.storage import upgrade
from creditbank_plugin.storage.queries import data_keys, queue
from creditbank_plugin.storage.session import reading


def health(runtime: Runtime) -> dict[str, Any]:
    """Return the state of database, migrations, queue, spool and keys.

    ``{"ok", "database": {"ok", "engine", "error"}, "migrations": {"ok", "current", "head"}, "oldest_unsettled",
    "parked", "spool": {"count", "oldest"}, "keys": {"ok", "why"}}``; moments are zone-aware or None; ``ok`` is False
    when something keeps completions from being kept or settled.
    """
    found: dict[str, Any] = {
        "database": {"ok": False, "engine": runtime.engine.dialect.name, "error": None},
        "migrations": {"ok": False, "current": None, "head": upgrade.head()},
        "oldest_unsettled": None,
        "parked": None,
        "spool": {"count": len(spool.waiting(runtime)), "oldest": spool.oldest(runtime)},
        "keys": {"ok": False, "why": "unknown"},
    }
    try:
        found["migrations"]["current"] = upgrade.current(runtime.engine)
        found["database"]["ok"] = True
        found["migrations"]["ok"] = found["migrations"]["current"] == found["migrations"]["head"]
        if found["migrations"]["current"] is not None:
            with reading(runtime.engine) as connection:
                found["oldest_unsettled"] = queue.oldest_due(connection)
                found["parked"] = len(queue.parked(connection))
                needed = {row.master_id for row in data_keys.all_keys(connection)}
            why = _keys(runtime, needed)
            found["keys"] = {"ok": why in ("fit", "not made yet"), "why": why}
    except SQLAlchemyError as error:
        # Its text may repeat an address with a password: the type says enough.
        found["database"].update(ok=False, error=type(error).__name__)
    well = all(found[part]["ok"] for part in ("database", "migrations", "keys"))
    return {"ok": well and not found["spool"]["count"], **found}


def _keys(runtime: Runtime, needed: set[str]) -> str:
    """Tell whether the master keys at hand open the data keys: ``fit``, ``not made yet``, or what is wrong."""
    masters = runtime.keyring.masters
    if not masters.from_settings and not masters.path.exists():
        return "the key file is gone" if needed else "not made yet"
    try:
        held = {master.id for master in masters.all()}
    except (OSError, ValueError, KeyError, TypeError):
        return "the keys cannot be read"
    return "fit" if needed <= held else "a master key that the data needs is missing"
