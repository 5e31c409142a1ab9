"""The page of a bank: what it has adopted and why, what it has not, where its orders disagree, what is over."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from creditbank_plugin.rules.orders import state_of
from creditbank_plugin.services import organisations
from creditbank_plugin.services.adopting import bank_view
from creditbank_plugin.services.adopting.mandates import orders_for
from creditbank_plugin.web import query
from creditbank_plugin.web.access import for_roles, runtime
from creditbank_plugin.web.desk import desk
from creditbank_plugin.web.page import page

FOUND = 100


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages to ``blueprint``."""
    guard = for_roles("admin", "committee", "director")
    blueprint.add_url_rule("/admin/banks", "banks", guard(show))
    blueprint.add_url_rule("/admin/banks/<bank_code>", "bank_one", guard(show_one))


def show() -> ResponseReturnValue:
    """List the banks that the user may order for or stands above; a single one is shown at once."""
    place = desk()
    words = query.words()
    codes = None
    if not place.everywhere:
        mine = (orders_for(runtime(), place.organisation) or frozenset()) if place.organisation else frozenset()
        codes = place.codes | mine
    found = organisations.find_banks(runtime(), words, codes, limit=FOUND)
    if len(found) == 1 and not words:
        return redirect(url_for("creditbank.bank_one", bank_code=found[0].code))
    return page("admin/banks", rows=found, words=words, desk=place, full=len(found) == FOUND)


def show_one(bank_code: str) -> ResponseReturnValue:
    """Show one bank: every part shortened, or one part page by page."""
    part = request.args.get("part") if request.args.get("part") in bank_view.PARTS else None
    offset = query.number("after") if part else 0
    seen = bank_view.view(runtime(), bank_code, acting_for=desk().acting_for(), part=part, offset=offset)
    return page(
        "admin/bank",
        seen=seen,
        part=part,
        after=offset,
        state_of=lambda row: state_of(row, seen.day),
        listed=bank_view.LISTED,
    )
