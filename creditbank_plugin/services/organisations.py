"""Enter organisations, banks and issuers; saying the same twice changes nothing."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Connection

from creditbank_plugin.rules import waits
from creditbank_plugin.services.runtime import Runtime
from creditbank_plugin.services.settling.settle import settle_at_once
from creditbank_plugin.storage.queries import authority, waking
from creditbank_plugin.storage.queries.writes import upsert
from creditbank_plugin.storage.session import reading, writing
from creditbank_plugin.storage.tables import Bank, Issuer, Organisation


def add_organisation(
    runtime: Runtime,
    *,
    code: str,
    kind: str,
    name_th: str,
    name_en: str | None = None,
    sector: str | None = None,
    province: str | None = None,
    parent: str | None = None,
) -> None:
    """Enter an organisation or bring its names up to date; ``parent`` is the organisation it stands below."""
    values = {
        "code": code,
        "kind": kind,
        "name_th": name_th,
        "name_en": name_en,
        "sector": sector,
        "province": province,
        "parent_code": parent,
    }
    with writing(runtime.engine) as connection:
        _put(connection, Organisation, values, "code")


def add_bank(
    runtime: Runtime,
    *,
    code: str,
    organisation: str,
    tier: str,
    name_th: str,
    name_en: str | None = None,
    registered_on: date | None = None,
) -> None:
    """Register the bank of an organisation; ``tier`` is ``central, educational_level, provincial`` or ``school``."""
    values = {
        "code": code,
        "organisation_code": organisation,
        "tier": tier,
        "name_th": name_th,
        "name_en": name_en,
        "registered_on": registered_on,
    }
    with writing(runtime.engine) as connection:
        _put(connection, Bank, values, "code")
        waking.wake(connection, [waits.adoption(organisation)])
    settle_at_once(runtime)


def trust_issuer(runtime: Runtime, issuer: str, *, name: str | None = None, trusted: bool = True) -> None:
    """Trust an issuer (or no longer); completions that waited for it are settled."""
    with writing(runtime.engine) as connection:
        values = {"issuer": issuer, "name": name, "trusted": trusted, "added_at": runtime.clock()}
        _put(connection, Issuer, values, "issuer", keep=("added_at",))
        if trusted:
            waking.wake(connection, [waits.issuer(issuer)])
    settle_at_once(runtime)


def introduce_issuer(runtime: Runtime, issuer: str) -> bool | None:
    """Enter an issuer that nobody judged yet as trusted: to let a client speak for it is to trust it.

    Return whether it was trusted before, None where it was not known; what an administrator said of it stays.
    """
    before = next((bool(row.trusted) for row in issuers(runtime) if row.issuer == issuer), None)
    if before is None:
        trust_issuer(runtime, issuer)
    return before


def enter_own_issuer(runtime: Runtime) -> None:
    """Enter the installation's own issuer as trusted where it is not known yet; what an admin said of it stays."""
    issuer = runtime.settings.issuer
    if issuer is None:
        return
    with reading(runtime.engine) as connection:
        if authority.is_known_issuer(connection, issuer):
            return
    with writing(runtime.engine) as connection:
        row = {"issuer": issuer, "trusted": True, "added_at": runtime.clock()}
        connection.execute(upsert(connection, Issuer).values(row).on_conflict_do_nothing())
        waking.wake(connection, [waits.issuer(issuer)])


def organisations(runtime: Runtime, codes: Iterable[str] | None = None) -> dict[str, Any]:
    """Return organisations by code: those of ``codes`` that are known, or all."""
    with reading(runtime.engine) as connection:
        return dict(authority.organisations(connection, codes))


def banks(runtime: Runtime) -> list[Any]:
    """Return every bank."""
    with reading(runtime.engine) as connection:
        return list(authority.banks(connection).values())


def bank_of(runtime: Runtime, organisation: str) -> str | None:
    """Return the code of an organisation's bank, None where it has none."""
    with reading(runtime.engine) as connection:
        found = authority.banks(connection, [organisation]).get(organisation)
    return found.code if found is not None else None


def banks_by_code(runtime: Runtime, codes: Iterable[str]) -> dict[str, Any]:
    """Return those banks of ``codes`` that are known."""
    with reading(runtime.engine) as connection:
        return authority.banks_by_code(connection, codes)


def find_banks(runtime: Runtime, words: str, codes: Iterable[str] | None, limit: int) -> list[Any]:
    """Return banks of the organisations ``codes`` (None: of all) with ``words`` in their code or name, by code."""
    with reading(runtime.engine) as connection:
        return list(authority.find_banks(connection, words, codes, limit))


def issuers(runtime: Runtime) -> list[Any]:
    """Return every issuer."""
    with reading(runtime.engine) as connection:
        return list(authority.issuers(connection))


def _put(connection: Connection, model: Any, values: dict[str, Any], key: str, keep: tuple[str, ...] = ()) -> None:
    changes = {name: value for name, value in values.items() if name != key and name not in keep}
    statement = upsert(connection, model).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=[key], set_=changes))
