"""``creditbank keys``, ``issuers`` and ``organisations``."""

from urllib.parse import urlsplit

import click

from creditbank_plugin.cli.faults import Fault
from creditbank_plugin.cli.installation import ready, runtime
from creditbank_plugin.cli.output import answer, as_json
from creditbank_plugin.services import organisations, spool
from creditbank_plugin.services.rotate import rotate as rotate_


@click.group()
def keys() -> None:
    """Keys that seal personal data: rotate."""


@keys.command("rotate")
@as_json
def rotate_keys(as_json: bool) -> None:
    """Wrap the data keys under a new master key and start a new data key.

    Spooled messages are taken in first; while some are left, the old master key is kept to open them.
    With CREDITBANK_KEYS, put the new key first in the list, run this, then drop the old ones.
    """
    found = ready()
    drained = spool.drain(found)
    made = rotate_(found)
    left, from_settings = len(spool.left(found)), found.keyring.masters.from_settings
    told = {"drained": drained, "spool_left": left, "rewrapped": made.wrapped, "old_master_kept": made.old_kept}
    lines = [f"{made.wrapped} data keys wrapped under the new master key; what comes is sealed with a new data key"]
    if drained or left:
        lines.append(f"spool: {drained} taken in, {left} left")
    if left and made.old_kept:
        lines.append("the old master keys are kept until the spool is empty: settle, then rotate again")
    elif from_settings:
        lines.append("the keys come from CREDITBANK_KEYS: the old ones may now be taken out of it")
    answer(as_json, told, *lines)


@click.group()
def issuers() -> None:
    """Hosts whose word we hear: trust, distrust, list."""


def _trust(url: str, name: str | None, trusted: bool, as_json: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Fault("an issuer is a home page such as https://lms.example.org", "ระบบต้นทางต้องเป็นที่อยู่เว็บ")
    found = ready()
    before = next((row.name for row in organisations.issuers(found) if row.issuer == url), None)
    organisations.trust_issuer(found, url, name=name or before, trusted=trusted)
    told = {"issuer": url, "trusted": trusted}
    answer(as_json, told, f"{url} is {'trusted' if trusted else 'trusted no longer'}")


@issuers.command()
@click.argument("url")
@click.option("--name")
@as_json
def trust(url: str, name: str | None, as_json: bool) -> None:
    """Trust the host with the home page URL and settle what waited for that."""
    _trust(url, name, True, as_json)


@issuers.command()
@click.argument("url")
@click.option("--name")
@as_json
def distrust(url: str, name: str | None, as_json: bool) -> None:
    """Trust a host no longer; what it told before stands."""
    _trust(url, name, False, as_json)


@issuers.command("list")
@as_json
def list_issuers(as_json: bool) -> None:
    """List the hosts we know."""
    rows = organisations.issuers(runtime())
    items = [{"issuer": row.issuer, "name": row.name, "trusted": row.trusted} for row in rows]
    lines = [f"{'trusted ' if row.trusted else 'not trusted'} {row.issuer}" for row in rows]
    answer(as_json, {"items": items, "next": None}, *lines)


@click.group("organisations")
def organisations_() -> None:
    """Schools, colleges, provinces: add, list."""


@organisations_.command()
@click.argument("code")
@click.option("--kind", required=True, help="school, college, training_centre, university, agency, province …")
@click.option("--name-th", required=True)
@click.option("--name-en")
@click.option("--sector")
@click.option("--province", help="Its two-digit code.")
@click.option("--parent", help="The organisation it stands below.")
@click.option("--bank", help="Also register its bank, by this code.")
@click.option("--tier", type=click.Choice(["central", "educational_level", "provincial", "school"]), default="school")
@as_json
def add(
    code: str,
    kind: str,
    name_th: str,
    name_en: str | None,
    sector: str | None,
    province: str | None,
    parent: str | None,
    bank: str | None,
    tier: str,
    as_json: bool,
) -> None:
    """Enter an organisation, or bring its names up to date."""
    found = ready()
    if parent is not None and parent not in organisations.organisations(found):
        raise Fault("the parent organisation is unknown", "ไม่รู้จักหน่วยงานต้นสังกัด")
    organisations.add_organisation(
        found,
        code=code,
        kind=kind,
        name_th=name_th,
        name_en=name_en,
        sector=sector,
        province=province,
        parent=parent,
    )
    if bank is not None:
        organisations.add_bank(
            found,
            code=bank,
            organisation=code,
            tier=tier,
            name_th=f"ธนาคารหน่วยกิต {name_th}",
            name_en=f"Credit bank of {name_en}" if name_en else None,
        )
    answer(as_json, {"code": code, "bank": bank}, f"{code} entered")


@organisations_.command("list")
@as_json
def list_organisations(as_json: bool) -> None:
    """List organisations by code."""
    rows = organisations.organisations(runtime()).values()
    items = [{"code": row.code, "kind": row.kind, "name": {"th": row.name_th, "en": row.name_en}} for row in rows]
    answer(as_json, {"items": items, "next": None}, *[f"{row.code}  {row.kind:10} {row.name_th}" for row in rows])
