"""What the API writes: plain JSON values, exactly as the contract names them."""

from decimal import Decimal
from typing import Any

from flask import Response

from creditbank_plugin.api import fields
from creditbank_plugin.formats import json_text
from creditbank_plugin.formats.moments import instant_text
from creditbank_plugin.rules.hours import credit_text
from creditbank_plugin.rules.reasons import REASONS
from creditbank_plugin.services.views import Balance, Event, LearnerFound, Movement, Name, Outcome, Record

Json = dict[str, Any]


def answer(body: Any, status: int = 200) -> Response:
    """Return a JSON answer, as far as its reader asked for it; it is personal, so nobody keeps it on the way."""
    return Response(
        json_text.encoded(fields.chosen(body)),
        status,
        {"Cache-Control": "private, no-store"},
        content_type="application/json",
    )


def reason(code: str) -> Json:
    """Return a reason with its sentences."""
    known = REASONS[code]
    return {"code": code, "th": known.th, "en": known.en}


def told(event: Event) -> Json:
    """Return what the sender of an event is answered."""
    return {
        "id": event.id,
        "source": event.source,
        "event_id": event.event_id,
        "state": event.state,
        "reason": reason(event.reason),
        "record_id": event.record_id,
    }


def refused(id_: str | None, source: str | None, field: str | None, th: str, en: str) -> Json:
    """Return what stands in the place of a refused item of a batch."""
    return {
        "id": id_,
        "source": source,
        "event_id": None,
        "state": "refused",
        "reason": {"code": "refused", "th": f"ไม่รับข้อความนี้: {th}", "en": f"The message is refused: {en}"},
        "record_id": None,
        "error": {"field": field, "th": th, "en": en},
    }


def event(event: Event) -> Json:
    """Return an event in full; personal fields were redacted when it was kept."""
    decision = None
    if event.decided_at is not None:
        decision = {
            "state": event.state,
            "reason": reason(event.reason),
            "explanation": json_text.ready(event.explanation_text),
            "record_id": event.record_id,
            "comparison_id": event.comparison_id,
            "adoption_id": event.adoption_id,
            "decided_at": instant_text(event.decided_at),
        }
    return {
        **told(event),
        "received_at": instant_text(event.received_at),
        "tiding": dict(event.tiding),
        "decision": decision,
    }


def learner(found: LearnerFound) -> Json:
    """Return a learner by our numbers alone."""
    return {"id": found.id, "account_ids": list(found.account_ids), "state": found.state}


def movement(each: Movement) -> Json:
    """Return one entry of the ledger."""
    return {
        "seq": each.seq,
        "kind": each.kind,
        "credits": credit_text(each.amount),
        "from_state": each.from_state,
        "to_state": each.to_state,
        "known_at": instant_text(each.known_at),
    }


def balance(held: Balance) -> Json:
    """Return what is held in one scheme."""
    return {
        "scheme": held.scheme,
        "available": credit_text(held.available),
        "held": credit_text(held.held),
        "redeemed": credit_text(held.redeemed),
        "under_review": credit_text(held.under_review),
    }


def record(each: Record) -> Json:
    """Return a credit record with its explanation, and with its movements where they are asked for."""
    more = {"movements": [movement(one) for one in each.movements]} if fields.includes("movements") else {}
    return {
        "id": each.id,
        "account_id": each.account_id,
        "bank": {"code": each.bank_code, "name": bilingual(each.bank_name)},
        "course": {
            "owner": each.course_owner,
            "code": each.course_code,
            "version": each.course_version,
            "title": bilingual(each.course_title),
        },
        "scheme": each.scheme,
        "credits": credit_text(each.credits),
        "outcomes": [outcome(one) for one in each.outcomes],
        "nqf_level": each.nqf_level,
        "nqf_level_basis": each.nqf_level_basis,
        "grade": each.grade,
        "score": _number(each.score),
        "assurance": {"identity": each.assurance_identity, "assessment": each.assurance_assessment},
        "completed_on": each.completed_on.isoformat(),
        "completed_at_precision": each.completed_at_precision,
        "credited_at": instant_text(each.credited_at),
        "school": each.school,
        "state": each.state,
        "comparison_id": each.authority.comparison_id,
        "adoption_id": each.authority.adoption_id,
        "explanation": json_text.ready(each.explanation_text),
        "event_id": each.event_id,
        **more,
    }


def outcome(one: Outcome) -> Json:
    """Return an outcome by its framework and code."""
    return {"id": one.id, "framework": one.framework, "code": one.code, "title": bilingual(one.title)}


def bilingual(value: Name) -> Json:
    """Return a name in both languages."""
    return {"th": value.th, "en": value.en}


def _number(exact: Decimal | None) -> int | float | None:
    if exact is None:
        return None
    return int(exact) if exact == exact.to_integral_value() else float(exact)
