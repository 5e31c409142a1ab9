"""Comparisons and working groups as the API writes them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from creditbank_plugin.api.shapes import Json, outcome
from creditbank_plugin.formats.moments import instant_text
from creditbank_plugin.rules.hours import credit_text, hours_number
from creditbank_plugin.rules.terms import Terms
from creditbank_plugin.services.comparing.proposal_views import View
from creditbank_plugin.services.comparing.proposals import Published
from creditbank_plugin.services.comparing.ratings import Figures
from creditbank_plugin.services.views import outcome_of
from creditbank_plugin.storage.base import Stored


def summary(row: Stored) -> Json:
    """Return a comparison as lists show it."""
    terms = Terms.from_json(row.terms)
    group = {"id": row.group_id, "name": _name(row.group_name_th, row.group_name_en)} if row.group_id else None
    return {
        "id": row.id,
        "state": row.state,
        "revision": row.revision,
        "round": row.round,
        "course": {
            "id": row.course_id,
            "owner": row.owner_code,
            "code": row.code,
            "version": row.version,
            "title": _name(row.title_th, row.title_en),
            "revision": row.course_revision,
        },
        "body": {"code": row.body_code, "name": _name(row.body_name_th, row.body_name_en)},
        "group": group,
        "scheme": terms.scheme,
        "credits": credit_text(terms.credits) if terms.credits is not None else None,
        "nqf_level": terms.nqf_level,
        "applies_from": _day(terms.applies_from),
        "applies_until": _day(terms.applies_until),
        "reference": row.reference,
        "made_at": _moment(row.made_at),
        "changed_at": _moment(row.changed_at),
        "proposed_at": _moment(row.proposed_at),
        "approved_at": _moment(row.approved_at),
        "comment_until": _day(row.comment_until),
        "ended_from": _day(row.ended_from),
    }


def comparison(view: View) -> Json:
    """Return a comparison in full, as far as its reader may see it."""
    terms = view.terms
    return {
        **summary(view.row),
        "credits_rule": terms.credits_rule,
        "nqf_level_basis": terms.nqf_level_basis,
        "outcomes": [outcome(outcome_of(row)) for row in view.outcomes],
        "hours": {kind: hours_number(amount) for kind, amount in terms.hours.items()},
        "conditions": dict(terms.conditions),
        "evidence": [{"title": each.get("title"), "url": each.get("url")} for each in terms.evidence],
        "replaces": view.row.replaces,
        "steps": [_step(row, inside=view.inside) for row in view.steps],
        "ratings": [_rating(row) for row in view.ratings],
        "rated": view.rated,
        "ratings_needed": view.needed,
        "differing": list(view.differing),
        "comments": [
            {"name": each.name, "text": each.text, "said_at": _moment(each.said_at)} for each in view.comments
        ],
        "may": sorted(view.may),
    }


def group(row: Stored, members: Sequence[Stored], figures: Figures | None, *, inside: bool) -> Json:
    """Return a working group; who is outside of the committee reads the members by the names in the order alone."""
    names = ("level_group", "occupational_group", "order_number", "order_signatory", "procedure", "raters", "quorum")
    return {
        "id": row.id,
        "revision": row.revision,
        "name": _name(row.name_th, row.name_en),
        "body": {"code": row.body_code, "name": _name(row.body_name_th, row.body_name_en)},
        **{name: getattr(row, name) for name in names},
        "comment_days": row.comment_days,
        "ordered_on": _day(row.ordered_on),
        "dissolved_on": _day(row.dissolved_on),
        "members": [
            {
                "actor": each.actor if inside else None,
                "name": each.name,
                "role": each.role,
                "since": _day(each.since),
                "until": _day(each.until),
            }
            for each in members
        ],
        "figures": _figures(figures) if figures is not None else None,
    }


def group_change(row: Stored) -> Json:
    """Return who changed what of a group."""
    return {
        "changed_at": _moment(row.changed_at),
        "actor": row.actor,
        "name": row.name,
        "act": row.act,
        "member": row.member,
        "before": row.before,
        "after": row.after,
    }


def meeting(row: Stored, names: Mapping[str, str], *, inside: bool) -> Json:
    """Return a meeting; ``names`` are those of the order, and all that who is outside of the committee reads."""
    present = [{"actor": each if inside else None, "name": names.get(each, "")} for each in row.present]
    return {
        "id": row.id,
        "held_on": _day(row.held_on),
        "present": present,
        "quorum": row.quorum,
        "minutes": row.minutes,
        "entered_at": _moment(row.entered_at),
    }


def published(view: Published) -> Json:
    """Return what the public sees of a proposal in its round: never who wrote it."""
    row, terms = view.row, view.terms
    shown = ("id", "course", "body", "group", "scheme", "credits", "nqf_level")
    days = ("applies_from", "applies_until", "comment_until")
    told = summary(row)
    return {
        **{name: told[name] for name in (*shown, *days)},
        "outcomes": [outcome(outcome_of(each)) for each in view.outcomes],
        "hours": {kind: hours_number(amount) for kind, amount in terms.hours.items()},
        "conditions": dict(terms.conditions),
        "evidence": [{"title": each.get("title"), "url": each.get("url")} for each in terms.evidence],
        "comments": [
            {"name": each.name, "text": each.text, "said_at": _moment(each.said_at)} for each in view.comments
        ],
    }


def _figures(found: Figures) -> Json:
    done = found.decisions
    return {
        "agreement": {
            what: {
                "rounds": each.rounds,
                "pairs": each.pairs,
                "agreeing": each.agreeing,
                "percent": each.percent,
                "small": each.is_small,
            }
            for what, each in found.agreed.items()
        },
        "decisions": {
            "decided": done.decided,
            "followed": done.followed,
            "against": done.against,
            "divided": done.divided,
        },
    }


def _step(row: Stored, *, inside: bool) -> Json:
    names = ("number", "action", "from_state", "to_state", "name", "role", "reason", "signed", "details")
    told = {name: getattr(row, name) for name in names}
    return {**told, "actor": row.actor if inside else None, "at": _moment(row.at)}


def _rating(row: Stored) -> Json:
    names = ("round", "actor", "name", "design", "measurement", "quality", "level", "advice", "notes")
    return {**{name: getattr(row, name) for name in names}, "rated_at": _moment(row.rated_at)}


def _name(th: str, en: str | None) -> Json:
    return {"th": th, "en": en}


def _day(value: date | None) -> str | None:
    return value.isoformat() if value is not None else None


def _moment(value: datetime | None) -> str | None:
    return instant_text(value) if value is not None else None
