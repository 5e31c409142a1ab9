"""Routes of the progress report: numbers of every province, for whoever has the scope."""

from typing import Any

from flask import Response

from creditbank_plugin.api import entity_tags, report_schemas
from creditbank_plugin.api.blueprint import route
from creditbank_plugin.api.here import runtime
from creditbank_plugin.formats import report_json
from creditbank_plugin.rules.scopes import REPORTS_READ
from creditbank_plugin.services import reports

_SENTENCE = {"th": "จำนวนผู้เรียนที่น้อยกว่า 5 คนไม่แสดงเป็นตัวเลข", "en": "Fewer than 5 learners are not shown as a number."}
_STAGES = {"approved": 40, "under_judgement": 12, "open": 42}
_SUMMARY: dict[str, Any] = {
    "province": {"code": "51", "name": {"th": "ลำพูน", "en": "Lamphun"}},
    "courses": {"number": 94, "stages": _STAGES},
    "level_groups": [{"kind": "lower_secondary", "number": 94, "stages": _STAGES}],
    "proposals": {
        "states": {"proposed": 3, "under_judgement": 12},
        "rated": 8,
        "oldest_proposed_at": "2026-03-02T02:00:00Z",
        "oldest_days": 29,
    },
    "comparisons": {"standing": 40, "ended": 1, "adopting_banks": 7},
    "banks": {"number": 12, "adopting": 7},
    "memoranda": {"number": 1, "agencies": 29},
    "waiting": {
        "comparison": {"completions": 31, "learners": 24},
        "order": {"completions": None, "learners": None},
    },
    "credits": [
        {
            "scheme": "basic",
            "standing": {"records": 120, "learners": 88, "credits": "141.00"},
            "taken_back": {"records": None, "learners": None, "credits": None},
        }
    ],
}
_HEAD: dict[str, Any] = {
    "as_of": "2026-03-31T02:00:00Z",
    "day": "2026-03-31",
    "least_shown": 5,
    "hidden": _SENTENCE,
    "definitions": {"learners": {"th": "จำนวนคน", "en": "People."}},
}
OVERVIEW: dict[str, Any] = {**_HEAD, "provinces": [_SUMMARY], "without_figures": []}
REPORT: dict[str, Any] = {
    **_HEAD,
    **_SUMMARY,
    "agencies": [],
    "sectors": [],
    "occupational_groups": [],
    "longest_waiting": [],
    "groups": [],
    "most_wanted": [],
    "months": [{"month": "2026-03", "courses": 20, "comparisons": 4, "credits": {"basic": "12.00"}}],
}


@route(
    "GET",
    "/reports/provinces",
    scope=REPORTS_READ,
    tag="reports",
    status=200,
    schema=report_schemas.OverviewSchema,
    example=OVERVIEW,
)
def list_reports() -> Response:
    """Read the progress of every province

    Small numbers of learners, and what they could be worked out from, are null for everybody.
    """
    return entity_tags.as_of(report_json.overview(reports.overview(runtime())), "as_of")


@route(
    "GET",
    "/reports/provinces/<code>",
    scope=REPORTS_READ,
    tag="reports",
    status=200,
    schema=report_schemas.ReportSchema,
    example=REPORT,
    problems=(404,),
)
def get_report(code: str) -> Response:
    """Read the progress of one province

    `code` is the two-digit code of the province.
    """
    return entity_tags.as_of(report_json.report(reports.report(runtime(), code)), "as_of")
