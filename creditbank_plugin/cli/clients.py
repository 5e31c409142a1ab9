"""``creditbank client``: create, list, show, rotate, revoke."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from creditbank_plugin.cli.faults import Fault
from creditbank_plugin.cli.installation import ready, runtime
from creditbank_plugin.cli.output import answer, as_json, note
from creditbank_plugin.formats import strict_json
from creditbank_plugin.rules.client import (
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    CONFIDENTIAL,
    GRANTS,
    NO_PROOF,
    PRIVATE_KEY_JWT,
    PUBLIC,
    SECRET,
)
from creditbank_plugin.rules.scopes import SCOPES
from creditbank_plugin.services import organisations
from creditbank_plugin.services.access import client_list, clients
from creditbank_plugin.services.access.client_list import Shown
from creditbank_plugin.services.runtime import Runtime

ONCE = "The secret is shown this once. / รหัสลับแสดงเพียงครั้งนี้"
ALL = 10_000


@click.group()
def client() -> None:
    """API clients: create, list, show, rotate, revoke."""


@client.command()
@click.option("--name", required=True)
@click.option("--organisation", required=True, metavar="CODE")
@click.option("--scope", "scopes", required=True, multiple=True, type=click.Choice(list(SCOPES)))
@click.option("--issuer", help="The host whose learners it speaks of; needed for events:write.")
@click.option("--may-open-accounts", is_flag=True, help="It may tell of learners we do not know yet.")
@click.option("--kind", type=click.Choice([CONFIDENTIAL, PUBLIC]), default=CONFIDENTIAL, show_default=True)
@click.option(
    "--proof", type=click.Choice([SECRET, PRIVATE_KEY_JWT]), help="Of a confidential client.  [default: secret]"
)
@click.option(
    "--grant",
    "grants",
    multiple=True,
    type=click.Choice(GRANTS),
    help=f"[default: {CLIENT_CREDENTIALS}; of a public client {AUTHORIZATION_CODE}]",
)
@click.option(
    "--redirect-uri", "redirect_uris", multiple=True, help="Where learners are led back to, letter by letter."
)
@click.option("--no-pkce", is_flag=True, help="Excuse a confidential client that cannot send a challenge.")
@click.option(
    "--jwks", type=click.Path(path_type=Path), metavar="FILE", help="Its public keys (JWK Set), for private_key_jwt."
)
@click.option(
    "--school", "schools", multiple=True, metavar="CODE", help="A further organisation whose learners it may see."
)
@click.option("--purpose-th", help="What learners read before they agree, in Thai …")
@click.option("--purpose-en", help="… and in English.")
@click.option("--per-minute", type=click.IntRange(min=1), help="Calls allowed in a minute, if not the usual number.")
@as_json
def create(
    as_json: bool,
    jwks: Path | None,
    proof: str | None,
    grants: Sequence[str],
    no_pkce: bool,
    purpose_th: str | None,
    purpose_en: str | None,
    **told: Any,
) -> None:
    """Open a client and print its secret once.

    To let a client speak for an issuer is to trust it: an issuer we do not know yet is entered as trusted.
    """
    is_public = told["kind"] == PUBLIC
    wish = clients.Wish(
        **told,
        proof=proof or (NO_PROOF if is_public else SECRET),
        grants=grants or ((AUTHORIZATION_CODE,) if is_public else (CLIENT_CREDENTIALS,)),
        pkce=not no_pkce,
        jwks=_keys(jwks) if jwks is not None else None,
        purpose=_purpose(purpose_th, purpose_en),
    )
    found = ready()
    made = clients.create(found, wish)
    trusted = _trusted(found, wish.issuer) if wish.issuer is not None else None
    document = {
        "client_id": made.client_id,
        "client_secret": made.client_secret,
        **_document(client_list.get(found, made.client_id)),
        "issuer_trusted": trusted,
    }
    lines = [f"client_id: {made.client_id}"]
    if made.client_secret is not None:
        lines += [f"client_secret: {made.client_secret}", ONCE]
    answer(as_json, document, *lines)


def _keys(file: Path) -> Mapping[str, Any]:
    try:
        found = strict_json.loads(file.read_bytes(), nul=False)
    except OSError:
        raise Fault(f"{file} cannot be read", f"อ่านไฟล์ {file} ไม่ได้") from None
    except strict_json.NotJson as error:
        raise Fault(f"{file}: {error}", f"{file}: {error.th}") from None
    if not isinstance(found, dict):
        raise Fault(f"{file} holds no JWK Set", f"{file} ไม่ใช่ชุดกุญแจสาธารณะ (JWK Set)")
    return found


def _purpose(th: str | None, en: str | None) -> tuple[str, str] | None:
    if (th is None) != (en is None):
        raise Fault("--purpose-th and --purpose-en go together", "ต้องระบุ --purpose-th และ --purpose-en คู่กัน")
    return None if th is None or en is None else (th, en)


def _trusted(found: Runtime, issuer: str) -> bool:
    """Enter an unknown issuer; one that an admin has judged before stays as it is."""
    before = organisations.introduce_issuer(found, issuer)
    if before is None:
        note(f"{issuer} is trusted from now on / เชื่อถือระบบต้นทางนี้แล้ว")
    elif not before:
        note(f"{issuer} is not trusted: `creditbank issuers trust` / ระบบต้นทางนี้ยังไม่ได้รับความเชื่อถือ")
    return before is not False


@client.command("list")
@click.argument("words", nargs=-1)
@as_json
def list_clients(words: Sequence[str], as_json: bool) -> None:
    """List the clients, the newest first; with WORDS those that have each in name, id, scopes or organisations."""
    found = client_list.find(runtime(), " ".join(words), limit=ALL)
    items = [{"client_id": each.client_id, **_document(each)} for each in found.items]
    lines = [
        f"{each.client_id}  {'stopped' if each.revoked_at else 'works  '}  {each.organisation}  {each.name}"
        f"  {' '.join(each.scopes)}{'  WITHOUT PKCE' if each.is_excused else ''}"
        for each in found.items
    ]
    answer(as_json, {"items": items, "next": found.next}, *lines)


@client.command()
@click.argument("client_id")
@as_json
def show(client_id: str, as_json: bool) -> None:
    """Show everything of a client but its secret, which nobody keeps."""
    told = {"client_id": client_id, **_document(client_list.get(runtime(), client_id))}
    lines = [
        f"{name}: {', '.join(value) if isinstance(value, list) else value}"
        for name, value in told.items()
        if value is not None and value != []
    ]
    answer(as_json, told, *lines)


def _document(shown: Shown) -> dict[str, Any]:
    return {
        "name": shown.name,
        "organisation": shown.organisation,
        "schools": list(shown.schools),
        "scopes": list(shown.scopes),
        "issuer": shown.issuer,
        "may_open_accounts": shown.may_open_accounts,
        "kind": shown.kind,
        "proof": shown.proof,
        "grants": list(shown.grants),
        "redirect_uris": list(shown.redirect_uris),
        "pkce": shown.pkce,
        "key_ids": list(shown.key_ids),
        "purpose_th": shown.purpose_th,
        "purpose_en": shown.purpose_en,
        "per_minute": shown.per_minute,
        "created_at": shown.created_at,
        "last_used_at": shown.last_used_at,
        "old_secret_until": shown.old_secret_until,
        "revoked_at": shown.revoked_at,
    }


@client.command()
@click.argument("client_id")
@as_json
def rotate(client_id: str, as_json: bool) -> None:
    """Give a client a new secret; the old one works for a while longer."""
    found = runtime()
    made = clients.rotate(found, client_id)
    seconds = found.settings.secret_overlap_seconds
    told = {"client_id": client_id, "client_secret": made.client_secret, "old_secret_seconds": seconds}
    old = f"The old secret works for {seconds} seconds more."
    answer(as_json, told, f"client_id: {client_id}", f"client_secret: {made.client_secret}", old, ONCE)


@client.command()
@click.argument("client_id")
@as_json
def revoke(client_id: str, as_json: bool) -> None:
    """Shut a client out at once, its tokens with it."""
    clients.revoke(runtime(), client_id)
    answer(as_json, {"client_id": client_id, "revoked": True}, f"{client_id} is shut out")
