"""``creditbank frameworks``: the outcome frameworks, from files and to files."""

from pathlib import Path

import click

from creditbank_plugin.cli.faults import Fault
from creditbank_plugin.cli.installation import ready
from creditbank_plugin.cli.output import answer, as_json, document, note
from creditbank_plugin.errors import Refused
from creditbank_plugin.formats.case import PATH, Addresses
from creditbank_plugin.rules import framework_row
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.catalogue import case, framework_files
from creditbank_plugin.services.catalogue import frameworks as services
from creditbank_plugin.services.catalogue.framework_files import About, FileRefused
from creditbank_plugin.services.runtime import Runtime


@click.group()
def frameworks() -> None:
    """Outcome frameworks: list, import, export (CASE 1.1)."""


@frameworks.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List the frameworks with how many items each has."""
    found = services.counted(ready())
    rows = [
        {
            "id": each.framework.id,
            "code": each.framework.code,
            "title_th": each.framework.title_th,
            "title_en": each.framework.title_en,
            "version": each.framework.version,
            "items": each.items,
            "without_text": each.without_text,
            "retired": each.retired,
        }
        for each in found
    ]
    lines = [f"{row['code']:40} {row['items']:6}  {row['title_th']}" for row in rows]
    answer(as_json, {"items": rows}, *lines)


@frameworks.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--code", help="The framework's own code; of a CASE package its identifier, unless said here.")
@click.option("--title", "title_th", help="Its Thai title; needed for a new framework of a spreadsheet.")
@click.option("--title-en", help="Its English title.")
@click.option("--version", help="Its edition, as its publisher calls it.")
@click.option("--source", help="Where its texts are from; needed for a new framework of a spreadsheet.")
@click.option("--publisher", help="Who publishes it.")
@click.option("--evidence", type=click.Choice(framework_row.EVIDENCE), help="How good the source is.")
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@as_json
@click.pass_context
def import_(ctx: click.Context, /, file: Path, dry_run: bool, as_json: bool, **said: str | None) -> None:
    """Load FILE: a CFPackage of CASE 1.1 (JSON), or a spreadsheet (XLSX, XLS, ODS, CSV) with a row for each item.

    Columns: code, text_th, text_en, level, kind, area, parent, grade, source (or their Thai names).  Rows above the
    headings may name the framework: framework, title_th, version, source.  Items that FILE no longer holds are retired,
    never deleted; the same file again changes nothing; one fault, and nothing is loaded (exit code 1).
    """
    work = framework_files.preview if dry_run else framework_files.load
    try:
        framework_files.require_size(file.stat().st_size)
        plan = work(ready(), file.read_bytes(), file.name, About(**said), by=administrator("cli"))
    except FileRefused as refusal:
        _refused(refusal, as_json)
        ctx.exit(1)
    framework, counts = plan.change.framework, plan.counts
    told = {"framework": {"id": framework.id, "code": framework.code}, **counts, "dry_run": dry_run, "errors": []}
    for heading in plan.ignored:
        note(f"column not used / ไม่ได้ใช้คอลัมน์: {heading}")
    said_ = ", ".join(f"{name} {number}" for name, number in counts.items())
    answer(as_json, told, f"{framework.code}: {said_}{' (nothing loaded / ยังไม่ได้นำเข้า)' if dry_run else ''}")


def _refused(refusal: FileRefused, machine: bool) -> None:
    rows = [
        {"item": each.item, "field": each.field, "code": each.code, "th": each.th, "en": each.en}
        for each in refusal.faults
    ]
    if machine:
        document({"items": 0, "new": 0, "changed": 0, "unchanged": 0, "retired": 0, "errors": rows})
    for each in refusal.faults:
        th, en = framework_files.sentences(each)
        note(f"creditbank: {en} ({each.code}) / {th}")


@frameworks.command()
@click.argument("id_", metavar="ID")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--url", help="Where this installation is reached, for the addresses in the package.")
@as_json
def export(id_: str, file: Path, url: str | None, as_json: bool) -> None:
    """Write the framework ID (its code or id), or the comparisons of a body (their document's id), as a CFPackage."""
    found = ready()
    places = Addresses(f"{(url or _base(found)).rstrip('/')}{PATH}")
    try:
        identifier = services.one(found, id_).framework.id
    except Refused:
        identifier = id_
    try:
        pieces = case.package(found, identifier, places)
        text = b"".join(pieces)
    except Refused as refusal:
        if refusal.code not in ("not_found", "invalid_uuid"):
            raise
        raise Fault(
            f"there is no framework {id_} (not_found)", "ไม่มีกรอบนี้ ดูรายการด้วย creditbank frameworks list"
        ) from None
    file.write_bytes(text)
    answer(as_json, {"id": identifier, "file": str(file), "bytes": len(text)}, f"{file}: {len(text)} bytes")


def _base(found: Runtime) -> str:
    """Return where the bank is reached as far as the settings tell."""
    return f"{(found.settings.issuer or 'http://localhost').rstrip('/')}{found.settings.url_prefix}"
