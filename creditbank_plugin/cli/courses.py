"""``creditbank courses``: bring in a province's spreadsheet, give the catalogue out, enter single ones."""

import sys
from pathlib import Path
from typing import Any

import click

from creditbank_plugin.cli.faults import Fault
from creditbank_plugin.cli.installation import ready
from creditbank_plugin.cli.output import answer, as_json, document, note
from creditbank_plugin.errors import Refused
from creditbank_plugin.formats import sheet_faults
from creditbank_plugin.formats.sheets import LIMITS
from creditbank_plugin.services import organisations
from creditbank_plugin.services.actor import administrator
from creditbank_plugin.services.catalogue import aliases, course_export
from creditbank_plugin.services.catalogue import courses as course_register
from creditbank_plugin.services.importing import course_template, import_table
from creditbank_plugin.services.importing.import_now import Report, import_now


@click.group()
def courses() -> None:
    """Courses: import, export, template, add, alias."""


@courses.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--province", metavar="CODE", help="Whose courses these are, where the file does not say: two digits.")
@click.option("--dry-run", is_flag=True, help="Check and count; change nothing.")
@click.option("--all-or-nothing", is_flag=True, help="Load nothing where any row is refused.")
@as_json
def import_courses(file: Path, province: str | None, dry_run: bool, all_or_nothing: bool, as_json: bool) -> None:
    """Bring in the courses of FILE (XLSX, XLS, ODS, CSV); the same file again changes nothing.

    Good rows are loaded, refused ones are told with what to do; the exit code is 1 where there are any.  Hidden sheets are
    not read, and told ("notes" of --json, where there are any).
    """
    found = ready()
    try:
        if file.stat().st_size > LIMITS.file_bytes:
            raise import_table.refused(sheet_faults.too_large(LIMITS.file_bytes >> 20))
        report = import_now(
            found,
            file.read_bytes(),
            file.name,
            by=administrator("cli"),
            province=province,
            dry_run=dry_run,
            whole_only=all_or_nothing,
            progress=_bar(),
        )
    except Refused as refusal:
        if not as_json or refusal.field != "file":
            raise
        document(_told(0, 0, 0, 0, [_error(None, None, refusal.code, refusal.th, refusal.en)]))
        raise click.exceptions.Exit(1) from None
    if as_json:
        errors = [_error(row, fault.column, fault.code, fault.th, fault.en) for row, fault in report.faults]
        told = _told(report.rows, report.new, report.changed, report.unchanged, errors)
        document(told | {"notes": [vars(each) for each in report.notes]} if report.notes else told)
    else:
        _say(report, dry_run)
    if report.faults:
        raise click.exceptions.Exit(1)


def _told(rows: int, new: int, changed: int, unchanged: int, errors: list[dict[str, Any]]) -> dict[str, Any]:
    return {"rows": rows, "new": new, "changed": changed, "unchanged": unchanged, "errors": errors}


def _error(row: int | None, column: str | None, code: str, th: str, en: str) -> dict[str, Any]:
    return {"row": row, "column": column, "code": code, "th": th, "en": en}


#: How many faults are written out for a person.
_SHOWN = 50


def _say(report: Report, dry_run: bool) -> None:
    click.echo(
        f"rows {report.rows}: new {report.new}, changed {report.changed}, unchanged {report.unchanged},"
        f" refused {len({row for row, _ in report.faults})}"
        f" / {report.rows} แถว: ใหม่ {report.new} เปลี่ยน {report.changed} เหมือนเดิม {report.unchanged}"
    )
    for each in report.notes:
        click.echo(f"{each.en} / {each.th} ({each.code})")
    for row, fault in report.faults[:_SHOWN]:
        click.echo(f"row {row}, {fault.column}: {fault.en} / แถว {row} {fault.th} ({fault.code})")
    if len(report.faults) > _SHOWN:
        click.echo(f"… and {len(report.faults) - _SHOWN} more, see --json / และอีก {len(report.faults) - _SHOWN} ข้อ")
    if not report.loaded:
        note("nothing was loaded / ยังไม่มีการนำเข้า" if not dry_run else "checked only / ตรวจเท่านั้น ไม่ได้นำเข้า")


def _bar() -> Any:
    """Return what draws a bar on a terminal; None where nobody looks."""
    if not sys.stderr.isatty():
        return None

    def draw(done: int, total: int) -> None:
        share = done / total if total else 1.0
        filled = round(share * 30)
        end = "\n" if done >= total else ""
        click.echo(
            f"\rchecking / กำลังตรวจ [{'#' * filled}{'.' * (30 - filled)}] {done}/{total}{end}", nl=False, err=True
        )

    return draw


@courses.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
def export_courses(file: Path, as_json: bool) -> None:
    """Write all courses to FILE (.xlsx or .csv) in the columns of the template."""
    number = course_export.export_to(ready(), file)
    answer(as_json, {"file": str(file), "courses": number}, f"{number} courses written / เขียน {number} รายวิชาแล้ว")


@courses.command("template")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
def write_template(file: Path, as_json: bool) -> None:
    """Write an empty template to FILE (.xlsx or .csv)."""
    made = course_template.template(file.suffix.lower().removeprefix("."))
    file.write_bytes(made)
    answer(as_json, {"file": str(file)}, f"template written to {file} / เขียนแม่แบบแล้ว")


@courses.command("add")
@click.argument("owner")
@click.argument("code")
@click.argument("version")
@click.option("--title-th", required=True)
@click.option("--title-en")
@click.option("--hours", type=click.FloatRange(min=0), help="Clock hours as the catalogue states them.")
@click.option("--level-group", help="What a standing adoption may speak of.")
@as_json
def add_course(
    owner: str,
    code: str,
    version: str,
    title_th: str,
    title_en: str | None,
    hours: float | None,
    level_group: str | None,
    as_json: bool,
) -> None:
    """Enter the course CODE of the curriculum year VERSION, which OWNER (an organisation's code) sets.

    What waited for it is settled.  A version that stands already is left as it is.
    """
    found = ready()
    if owner not in organisations.organisations(found):
        raise Fault(
            "the owner is no organisation that we know: `creditbank organisations add`", "ไม่รู้จักหน่วยงานเจ้าของรายวิชา"
        )
    course_id = course_register.add_course(
        found,
        owner=owner,
        code=code,
        version=version,
        title_th=title_th,
        title_en=title_en,
        level_group=level_group,
        hours=round(hours * 100) if hours is not None else None,
    )
    told = {"id": course_id, "owner": owner, "code": code, "version": version}
    answer(as_json, told, f"{owner}/{code}/{version} entered")


@courses.command()
@click.argument("iri")
@click.argument("code")
@click.option("--owner", help="The organisation whose course it is.")
@click.option("--version", help="The curriculum year of the course.")
@click.option("--replace", is_flag=True, help="IRI means another course so far; what was decided through that stays.")
@as_json
def alias(iri: str, code: str, owner: str | None, version: str | None, replace: bool, as_json: bool) -> None:
    """Say that the address or foreign code IRI means the course CODE, and settle what waited for it."""
    found = ready()
    before = aliases.mapped(found, iri)
    woken = aliases.alias(found, iri, code, owner=owner, version=version, by="cli", replace=replace)
    after = aliases.mapped(found, iri)
    if before is not None and after is not None and before.text != after.text:
        note(
            f"it meant {before.text} before; {before.decided} completions decided through that stay as they are"
            f" / ก่อนหน้านี้หมายถึง {before.text} ผลที่ตัดสินไปแล้ว {before.decided} รายการคงเดิม"
        )
    settled = woken.messages - woken.left
    told = {"iri": iri, "code": code, "owner": owner, "version": version, "settled": settled, "left": woken.left}
    lines = [f"{iri} → {code}; {settled} waiting messages settled again"]
    if woken.left:
        lines.append(f"{woken.left} more are left to `creditbank settle` or a worker")
    answer(as_json, told, *lines)
