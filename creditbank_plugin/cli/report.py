"""``creditbank report``: the progress of a province, and of all of them."""

from collections.abc import Iterator

import click

from creditbank_plugin.cli.installation import runtime
from creditbank_plugin.cli.output import answer, as_json
from creditbank_plugin.formats import report_json
from creditbank_plugin.rules.hours import credit_text
from creditbank_plugin.rules.report import NEEDS, PROPOSED, STAGES, Credits, Overview, Report, Summary
from creditbank_plugin.rules.report_words import FROM_PAPER, HIDDEN, Meaning, about_hiding, not_shown, word
from creditbank_plugin.rules.thai import datetime_en, datetime_th
from creditbank_plugin.services import reports


@click.group()
def report() -> None:
    """Progress of provinces: courses, comparisons, credits."""


@report.command()
@click.argument("code")
@as_json
def province(code: str, as_json: bool) -> None:
    """Report on the province with the two-digit CODE."""
    found = reports.report(runtime(), code)
    lines = [_as_of(found), *_lines(found.summary, found.least), *_more(found)]
    answer(as_json, report_json.report(found), *lines, _both(about_hiding(found.least)))


@report.command()
@as_json
def provinces(as_json: bool) -> None:
    """Report on every province."""
    found = reports.overview(runtime())
    lines = [_as_of(found)]
    for each in found.provinces:
        lines += _lines(each, found.least)
    answer(as_json, report_json.overview(found), *lines, _both(about_hiding(found.least)))


def _as_of(found: Report | Overview) -> str:
    return f"ข้อมูล ณ {datetime_th(found.as_of)} / as of {datetime_en(found.as_of)}"


def _both(said: Meaning) -> str:
    return said.th if said.th == said.en else f"{said.th} / {said.en}"


def _lines(found: Summary, least: int) -> Iterator[str]:
    place, courses, proposals, law = found.place, found.courses, found.proposals, found.comparisons
    yield f"{place.code or '–'} {place.name.th} / {place.name.en}"
    yield f"  รายวิชาที่รวบรวม / courses collected: {courses.number}"
    for stage in STAGES:
        yield f"    {_both(word('stage', stage))}: {courses.stages[stage]}"
    yield f"  ข้อเสนอ / proposals: {sum(proposals.states.values())}"
    for state in PROPOSED:
        yield f"    {_both(word('stage', state))}: {proposals.states[state]}"
    if proposals.oldest_days is not None:
        yield f"    รอนานที่สุด (วัน) / oldest waiting (days): {proposals.oldest_days}"
    yield f"  ผลการเทียบที่ใช้อยู่ / comparisons standing: {law.standing}"
    yield f"  ธนาคารที่รับรองใช้ / banks that adopt them: {law.banks}"
    for need in NEEDS:
        people = _people(found.waiting[need].learners, least)
        yield f"  ผู้เรียนที่รอ / learners waiting, {_both(word('need', need))}: {people}"
    for granted in found.granted:
        yield f"  {_both(word('scheme', granted.scheme))}: {_credits(granted.standing, least)}"


def _more(found: Report) -> Iterator[str]:
    for group in found.groups:
        name = group.name.th if group.name is not None else _both(FROM_PAPER)
        yield f"  {name}: อนุมัติ / approved {group.approved}"
    for each in found.wanted:
        yield f"  {each.code} {each.title.th}: ผู้เรียนรอ / learners waiting {each.learners}"


def _credits(found: Credits, least: int) -> str:
    credits = credit_text(found.credits) if found.credits is not None else _both(HIDDEN)
    return f"หน่วยกิต / credits {credits}; ผู้เรียน / learners {_people(found.learners, least)}"


def _people(number: int | None, least: int) -> str:
    return _both(not_shown(least)) if number is None else str(number)
