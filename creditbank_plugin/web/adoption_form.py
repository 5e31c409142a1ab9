"""What the form of an order asks for, read into its scope, its days and its paper."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from creditbank_plugin.formats import strict_json
from creditbank_plugin.rules.orders import KINDS, LIST, SOME, STANDING, Paper, Scope
from creditbank_plugin.services import organisations
from creditbank_plugin.services.adopting import adoption_register
from creditbank_plugin.services.adopting.adoptions import LONGEST
from creditbank_plugin.services.adopting.mandates import orders_for
from creditbank_plugin.storage.base import is_uuid
from creditbank_plugin.web.access import runtime
from creditbank_plugin.web.desk import desk
from creditbank_plugin.web.forms import Form

#: How many comparisons may be ticked, and how many banks a list offers before the code is asked for instead.
MOST_TICKED, MOST_BANKS = 200, 300


@dataclass(frozen=True)
class Choice:
    """What is to be adopted by which bank for which days, before anybody signs it."""

    bank: str
    scope: Scope
    applies_from: date
    applies_until: date | None

    def seen(self, comparison_ids: Iterable[str]) -> str:
        """Return a mark of the choice and the comparisons it meant when it was shown.

        A standing order means also those to come: what it would take in today may change meanwhile.
        """
        shown = [] if self.scope.kind == STANDING else sorted(comparison_ids)
        days = [self.applies_from.isoformat(), self.applies_until.isoformat() if self.applies_until else None]
        groups = [self.scope.body, self.scope.level_group, self.scope.occupational_group]
        said = [self.bank, self.scope.kind, *groups, *days, shown]
        return hashlib.sha256(strict_json.canonical(said)).hexdigest()


def banks() -> list[object] | None:
    """Return the banks that the user may order for, by code; None where they are too many to choose from."""
    codes = orders_for(runtime(), desk().acting_for())
    found = organisations.banks(runtime())
    mine = [row for row in found if codes is None or row.organisation_code in codes]
    return mine if len(mine) <= MOST_BANKS else None


def choice(form: Form) -> Choice | None:
    """Return what was chosen, or None with what is wrong at its field."""
    bank = form.text("bank", longest=60)
    if bank is not None and not organisations.banks_by_code(runtime(), [bank]):
        form.wrong("bank", "wrong.unknown_choice")
    kind = form.choice("kind", KINDS)
    scope = _scope(form, kind) if kind is not None else None
    applies_from = form.day("applies_from")
    applies_until = form.day("applies_until", required=False)
    form.in_order("applies_from", applies_from, "applies_until", applies_until)
    if form.errors or bank is None or scope is None or applies_from is None:
        return None
    return Choice(bank, scope, applies_from, applies_until)


def _scope(form: Form, kind: str) -> Scope:
    if kind == SOME:
        ids = list(dict.fromkeys(form.values("comparison")))
        if not ids:
            form.wrong("comparison", "adoptions.choose_some")
        elif len(ids) > MOST_TICKED:
            form.wrong("comparison", "wrong.too_many", most=MOST_TICKED)
        elif not all(is_uuid(each) for each in ids):
            form.wrong("comparison", "wrong.unknown_choice")
        return Scope(comparison_ids=tuple(ids))
    levels, occupations = adoption_register.groups(runtime())
    return Scope(
        body=form.choice("body", [row.code for row in adoption_register.bodies(runtime())]),
        level_group=form.choice("level_group", levels, required=False),
        occupational_group=form.choice("occupational_group", occupations, required=False),
        standing=kind != LIST,
    )


def paper(form: Form, chosen: Choice) -> Paper | None:
    """Return the order that is signed, or None with what is wrong at its field."""
    order_number, signatory = form.text("order_number", longest=LONGEST), form.text("signatory", longest=LONGEST)
    ordered_on = form.day("ordered_on")
    if not (order_number and signatory and ordered_on):
        return None
    return Paper(
        order_number=order_number,
        signatory=signatory,
        ordered_on=ordered_on,
        applies_from=chosen.applies_from,
        applies_until=chosen.applies_until,
    )
