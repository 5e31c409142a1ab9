"""How the module is, at a glance: nothing is changed by looking, no key and no file is made."""

from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from creditbank_plugin.services import spool
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.telling import subscriptions
from creditbank_plugin.storage import upgrade
from creditbank_plugin.storage.queries import data_keys, inspection, queue
from creditbank_plugin.storage.session import reading


def health(runtime: Runtime) -> dict[str, Any]:
    """Return the state of database, migrations, queue, spool and keys.

    ``{"ok", "database": {"ok", "engine", "error"}, "migrations": {"ok", "current", "head"}, "oldest_unsettled",
    "oldest_fresh_seconds", "parked", "queue": {"fresh", "backlog", "parked"}, "spool": {"count", "oldest"},
    "webhooks": {"due", "parked", "oldest_due_seconds"}, "keys": {"ok", "why"}}``; moments are zone-aware or None; ``ok`` is
    False when something keeps completions from being kept or settled.
    """
    found: dict[str, Any] = {
        "database": {"ok": False, "engine": runtime.engine.dialect.name, "error": None},
        "migrations": {"ok": False, "current": None, "head": upgrade.head()},
        "oldest_unsettled": None,
        "oldest_fresh_seconds": None,
        "parked": None,
        "queue": None,
        "webhooks": None,
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
                found["oldest_fresh_seconds"] = _age(runtime, inspection.oldest_fresh(connection))
                found["queue"] = inspection.queue_depths(connection)
                found["parked"] = found["queue"]["parked"]
                needed = {row.master_id for row in data_keys.all_keys(connection)}
            if found["migrations"]["ok"]:
                found["webhooks"] = subscriptions.numbers(runtime)
            why = _keys(runtime, needed)
            found["keys"] = {"ok": why in ("fit", "not made yet"), "why": why}
    except SQLAlchemyError as error:
        # Its text may repeat an address with a password: the type says enough.
        found["database"].update(ok=False, error=type(error).__name__)
    well = all(found[part]["ok"] for part in ("database", "migrations", "keys"))
    return {"ok": well and not found["spool"]["count"], **found}


def readiness(runtime: Runtime) -> dict[str, Any]:
    """Return whether this process can do its work: ``{"ready", "checks", "details"}``.

    A check is ``ok``, ``attention`` (a person should look; work goes on) or ``failed`` (not ready): the database, its
    migrations, the keys, and fresh completions that wait longer than the setting ``ready_seconds`` (0: however long).
    Tables that a later version has brought up since this process was ready are ``attention``: it serves on until it is
    replaced, and a load balancer need not take every process away at once.
    ``details`` are those of `health`, fit for JSON: counts, revisions and moments, nothing of anybody.
    """
    found, limit = health(runtime), runtime.settings.ready_seconds
    waits = found["oldest_fresh_seconds"]
    checks = {part: "ok" if found[part]["ok"] else "failed" for part in ("database", "migrations", "keys")}
    if found["migrations"]["ok"]:
        runtime.was_ready = True
    elif runtime.was_ready and upgrade.is_newer(found["migrations"]["current"]):
        checks["migrations"] = "attention"
    if not found["database"]["ok"]:
        checks.update(migrations="unknown", keys="unknown")
    checks["completions"] = "failed" if limit and waits is not None and waits > limit else "ok"
    if waits is None and not (found["database"]["ok"] and found["queue"] is not None):
        checks["completions"] = "unknown"
    checks["parked"] = "attention" if found["parked"] else "ok"
    checks["webhooks"] = "attention" if found["webhooks"] and found["webhooks"]["parked"] else "ok"
    checks["spool"] = "attention" if found["spool"]["count"] else "ok"
    ready = found["database"]["ok"] and "failed" not in checks.values()
    oldest = found["spool"]["oldest"]
    details = {
        "database": found["database"],
        "migrations": found["migrations"],
        "oldest_fresh_seconds": waits,
        "ready_seconds": limit,
        "queue": found["queue"],
        "parked": found["parked"],
        "webhooks": found["webhooks"],
        "spool": {"count": found["spool"]["count"], "oldest": oldest.isoformat() if oldest is not None else None},
        "keys": found["keys"],
    }
    return {"ready": ready, "checks": checks, "details": details}


def _age(runtime: Runtime, received: datetime | None) -> float | None:
    return max(0.0, round((runtime.clock() - received).total_seconds(), 3)) if received is not None else None


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
