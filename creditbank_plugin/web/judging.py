"""Judging proposals: raters rate, the chair reads what it would mean and signs, sends back or rejects; law is withdrawn."""

from collections.abc import Callable

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from creditbank_plugin.errors import Refused
from creditbank_plugin.rules import signing
from creditbank_plugin.rules.agreement import ADVICE, ASPECTS, MARKS
from creditbank_plugin.services.comparing import approvals, groups, proposal_views, ratings
from creditbank_plugin.services.comparing.approvals import CREDITS, Resolution
from creditbank_plugin.services.comparing.proposal_views import approval
from creditbank_plugin.services.comparing.ratings import NOTES
from creditbank_plugin.services.forecasting import forecast
from creditbank_plugin.services.forecasting.forecast import Running
from creditbank_plugin.web.access import runtime
from creditbank_plugin.web.forms import Form
from creditbank_plugin.web.members import for_committees, me
from creditbank_plugin.web.page import notify, page
from creditbank_plugin.web.proposals import number, seen, shown


def add_pages(blueprint: Blueprint) -> None:
    """Add the pages of judging to ``blueprint``."""
    add, guard = blueprint.add_url_rule, for_committees
    place = "/admin/proposals/<proposal_id>"
    add(f"{place}/judge", "proposal_judge", guard(judge), methods=["POST"])
    add(f"{place}/rate", "proposal_rate", guard(rate), methods=["POST"])
    add(f"{place}/sign", "proposal_sign", guard(read), methods=["GET"])
    add(f"{place}/sign", "proposal_approve", guard(approve), methods=["POST"])
    add(f"{place}/return", "proposal_return", guard(send_back), methods=["POST"])
    add(f"{place}/reject", "proposal_reject", guard(reject), methods=["POST"])
    add(f"{place}/withdraw", "proposal_withdraw", guard(withdraw), methods=["POST"])


def judge(proposal_id: str) -> ResponseReturnValue:
    """Begin the judgement."""
    form = Form(request.form)
    try:
        approvals.judge(runtime(), proposal_id, by=me(), revision=seen(form))
    except Refused as refusal:
        return _again(proposal_id, form, refusal, "judge")
    notify("judging.begun")
    return _back(proposal_id)


def rate(proposal_id: str) -> ResponseReturnValue:
    """Keep a rating, which is never changed, or say what is wrong with it."""
    form = Form(request.form)
    marks = {aspect: form.choice(aspect, MARKS) for aspect in ASPECTS}
    advice = form.choice("advice", ADVICE)
    level = form.choice("level", [str(each) for each in range(1, 9)], required=False)
    notes = {name: form.value(f"note_{name}").strip() for name in NOTES}
    if form.errors or advice is None:
        return shown(proposal_id, form, "rate"), 422
    try:
        ratings.rate(
            runtime(),
            proposal_id,
            by=me(),
            design=marks["design"] or "",
            measurement=marks["measurement"] or "",
            quality=marks["quality"] or "",
            level=int(level) if level else None,
            advice=advice,
            notes=notes,
            round_=number(form, "round"),
        )
    except Refused as refusal:
        return _again(proposal_id, form, refusal, "rate")
    notify("judging.rated")
    return _back(proposal_id)


def read(proposal_id: str) -> ResponseReturnValue:
    """Show what signing would mean, and with a reference the very text; only to who may sign."""
    return _paper(proposal_id, Form(request.args))


def approve(proposal_id: str) -> ResponseReturnValue:
    """Sign the text that was read, after what it would mean was seen."""
    form = Form(request.form)
    view = proposal_views.get(runtime(), proposal_id, by=me())
    approvals.may_approve(runtime(), proposal_id, by=me())
    try:
        forecast.require_made(runtime(), approval(view.row, runtime().clock()), by=me())
        approvals.approve(
            runtime(),
            proposal_id,
            by=me(),
            reference=form.value("reference"),
            reason=form.value("reason") or None,
            revision=seen(form),
            text_digest=form.value("digest"),
            resolution=_resolution(form),
        )
    except Refused as refusal:
        form.refused(refusal)
        return _paper(proposal_id, form), refusal.status
    notify("judging.approved")
    return _back(proposal_id)


def send_back(proposal_id: str) -> ResponseReturnValue:
    """Return it to its authors."""
    return _decide(proposal_id, approvals.send_back, "return", "judging.returned")


def reject(proposal_id: str) -> ResponseReturnValue:
    """Refuse it for good."""
    return _decide(proposal_id, approvals.reject, "reject", "judging.rejected")


def _decide(proposal_id: str, act: Callable[..., None], about: str, done: str) -> ResponseReturnValue:
    form = Form(request.form)
    try:
        act(runtime(), proposal_id, by=me(), reason=form.value("reason"), revision=seen(form))
    except Refused as refusal:
        return _again(proposal_id, form, refusal, about)
    notify(done)
    return _back(proposal_id)


def withdraw(proposal_id: str) -> ResponseReturnValue:
    """Withdraw what is law from a day of completion on."""
    form = Form(request.form)
    ended_from, credits = form.day("ended_from"), form.choice("credits", CREDITS)
    if ended_from is None or credits is None:
        return shown(proposal_id, form, "withdraw"), 422
    try:
        approvals.withdraw(
            runtime(),
            proposal_id,
            by=me(),
            ended_from=ended_from,
            reason=form.value("reason"),
            credits=credits,
            revision=seen(form),
        )
    except Refused as refusal:
        return _again(proposal_id, form, refusal, "withdraw")
    notify("judging.withdrawn")
    return _back(proposal_id)


def _back(proposal_id: str) -> ResponseReturnValue:
    return redirect(url_for("creditbank.proposal", proposal_id=proposal_id), 303)


def _again(proposal_id: str, form: Form, refusal: Refused, about: str) -> ResponseReturnValue:
    form.refused(refusal)
    return shown(proposal_id, form, about), refusal.status


def _resolution(form: Form) -> Resolution | None:
    meeting = form.value("meeting")
    return Resolution(meeting, form.value("resolution")) if meeting else None


def _paper(proposal_id: str, form: Form) -> str:
    """Draw the paper to sign: first what it would mean, then the text, where the reference is told.

    While a job still looks at what it would mean, the page says how far it is and offers nothing to sign.
    """
    view = proposal_views.get(runtime(), proposal_id, by=me())
    approvals.may_approve(runtime(), proposal_id, by=me())
    reference, text = form.value("reference").strip(), None
    if reference:
        text = approvals.text_to_sign(
            runtime(), proposal_id, by=me(), reference=reference, resolution=_resolution(form)
        )
    found = forecast.outlook(runtime(), approval(view.row, runtime().clock()), by=me())
    return page(
        "admin/proposal_sign",
        view=view,
        form=form,
        impact=None if isinstance(found, Running) else found,
        running=found if isinstance(found, Running) else None,
        standing=approvals.in_the_way(runtime(), proposal_id),
        meetings=groups.group(runtime(), view.row.group_id)[2] if view.row.group_id else (),
        text=text,
        digest=signing.digest(text) if text is not None else "",
        against=ratings.advised_otherwise(view.ratings, view.row.round, "approve"),
    )
