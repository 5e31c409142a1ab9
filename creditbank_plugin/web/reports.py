"""The progress report on pages: every province beside the others, and each on its own, also as files."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, current_app, url_for
from flask.typing import ResponseReturnValue

from creditbank_plugin.formats import json_text, report_json, report_sheets
from creditbank_plugin.formats.table_file import MEDIA
from creditbank_plugin.rules import thai
from creditbank_plugin.rules.report import NEEDS, PROPOSED, STAGES, Month, Overview, Report
from creditbank_plugin.rules.report_words import HIDDEN, MEANINGS, Meaning, about_hiding, not_shown, word
from creditbank_plugin.rules.suppression import of_shown
from creditbank_plugin.services import organisations, reports
from creditbank_plugin.web import report_pictures, show
from creditbank_plugin.web.access import for_roles, has_role, runtime
from creditbank_plugin.web.desk import desk
from creditbank_plugin.web.page import page
from creditbank_plugin.web.words import language, t

#: Who may see the numbers of every province; nobody else may.
ROLES = ("admin", "committee", "director", "registrar")


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages of the report to ``blueprint``."""
    guard = for_roles(*ROLES)
    blueprint.add_url_rule("/reports", "reports", guard(show_all))
    blueprint.add_url_rule("/reports/all.json", "report_all_json", guard(all_json))
    blueprint.add_url_rule("/reports/<code>", "report_province", guard(show_one))
    blueprint.add_url_rule("/reports/<code>.xlsx", "report_xlsx", guard(xlsx))
    blueprint.add_url_rule("/reports/<code>.json", "report_json", guard(one_json))


class Figures:
    """What templates ask for while they draw a report: words, numbers that may be hidden, links."""

    stages, states, needs = STAGES, PROPOSED, NEEDS
    meanings = MEANINGS

    def __init__(self, least: int) -> None:
        self.least = least

    def word(self, of: str, code: str | None) -> Any:
        """Return the words for a code, or the text itself where somebody entered one."""
        said = word(of, code)
        return show.own(said.th) if said.th == code else self.say(said)

    def say(self, meaning: Meaning) -> Any:
        """Return a meaning in the visitor's language."""
        return show.both(meaning.th, meaning.en)

    def hiding(self) -> Any:
        """Return what is said of hidden numbers."""
        return self.say(about_hiding(self.least))

    def people(self, number: int | None) -> Any:
        """Return a number of people, or that there are fewer than are shown."""
        return self.number(number) if number is not None else self.say(not_shown(self.least))

    def number(self, number: int | None) -> Any:
        """Return a number with its thousands parted, or that it is not shown."""
        return f"{number:,}" if number is not None else self.say(HIDDEN)

    def credits(self, amount: int | None) -> Any:
        """Return credits, or that they are not shown."""
        return show.credits(amount) if amount is not None else self.say(HIDDEN)

    def month(self, month: str | None) -> str:
        """Return a month in words with the year; what came before all months for None."""
        if month is None:
            return t("report.before")
        year, number = int(month[:4]), int(month[5:])
        if language() == "en":
            return f"{thai.MONTHS_EN[number - 1]} {year}"
        return f"{thai.MONTHS_TH[number - 1]} {thai.be_year(year)}"

    def short_month(self, month: str) -> str:
        """Return a month in a few letters."""
        return t(f"month_short.{int(month[5:])}")

    def of_scheme(self, months: Sequence[Month], scheme: str) -> list[int | None]:
        """Return what each month added in one scheme, in hundredths."""
        return [month.credits[scheme] for month in months]

    def above(self, numbers: Sequence[int]) -> list[str]:
        """Return what is written above columns of numbers: nothing over nought."""
        return [f"{number:,}" if number else "" for number in numbers]

    def above_credits(self, amounts: Sequence[int | None]) -> list[str]:
        """Return what is written above columns of credits: whole ones, the table has the rest."""
        return [f"{round(amount / 100):,}" if amount else "" for amount in amounts]

    def link(self, endpoint: str, **values: Any) -> str | None:
        """Return the address of a page that leads to work, None where this version has none."""
        name = f"creditbank.{endpoint}"
        return url_for(name, **values) if name in current_app.view_functions else None


def show_all() -> ResponseReturnValue:
    """Show every province beside the others."""
    found = reports.overview(runtime())
    schemes = [each.scheme for summary in found.provinces for each in summary.granted]
    return page(
        "reports",
        found=found,
        figures=Figures(found.least),
        drawn_as=report_pictures,
        schemes=[scheme for scheme in dict.fromkeys(schemes) if scheme != "none"],
        total=_total(found),
    )


def _total(found: Overview) -> dict[str, int]:
    """Return the sums of the table's last line; of what has people behind it, only what is shown."""
    every = found.provinces
    sums = {
        "courses": sum(each.courses.number for each in every),
        "approved": sum(each.courses.stages["approved"] for each in every),
        "undecided": sum(each.proposals.states[state] for each in every for state in ("proposed", "under_judgement")),
        "standing": sum(each.comparisons.standing for each in every),
    }
    for granted in (each for summary in every for each in summary.granted):
        sums[granted.scheme] = sums.get(granted.scheme, 0) + of_shown([granted.standing.credits])
    return sums


def show_one(code: str) -> ResponseReturnValue:
    """Show everything about one province; its own staff get links to what waits for them."""
    found = reports.report(runtime(), code)
    return page(
        "report", found=found, figures=Figures(found.least), drawn_as=report_pictures, own=_is_own(code), code=code
    )


def _is_own(code: str) -> bool:
    """Tell whether the visitor works for the centre of this province, for one above it, or for the whole platform."""
    place = desk()
    if place.everywhere:
        return True
    known = organisations.organisations(runtime(), place.codes) if has_role("committee") else {}
    return any(row.kind == "province" and row.province == code for row in known.values())


def xlsx(code: str) -> ResponseReturnValue:
    """Give the report of a province as a workbook in the visitor's language."""
    found = reports.report(runtime(), code)
    return _file(report_sheets.workbook(found, language()), MEDIA["xlsx"], _name(found, "xlsx"))


def one_json(code: str) -> ResponseReturnValue:
    """Give the report of a province as JSON."""
    found = reports.report(runtime(), code)
    return _file(json_text.dumps(report_json.report(found)).encode(), "application/json", _name(found, "json"))


def all_json() -> ResponseReturnValue:
    """Give the figures of every province as JSON."""
    found = reports.overview(runtime())
    name = f"creditbank-provinces-{thai.bangkok_day(found.as_of).isoformat()}.json"
    return _file(json_text.dumps(report_json.overview(found)).encode(), "application/json", name)


def _name(found: Report, kind: str) -> str:
    return f"creditbank-{found.summary.place.code}-{thai.bangkok_day(found.as_of).isoformat()}.{kind}"


def _file(content: bytes, media: str, name: str) -> Response:
    answer = Response(content, content_type=media)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
