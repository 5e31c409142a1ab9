"""Which answer leads on to which operation, as OpenAPI links: what is made is read, acted upon, and paged through."""

from collections.abc import Mapping, Sequence
from typing import Any

Values = Mapping[str, str]
_ACTS = ("propose", "judge", "rate", "approve", "return", "reject", "withdraw")


def _at(pointer: str, *names: str, root: str = "$response.body#/") -> dict[str, str]:
    return dict.fromkeys(names, f"{root}{pointer}")


def _course(pointer: str) -> dict[str, str]:
    return {name: f"$response.body#/{pointer}{name}" for name in ("owner", "code", "version")}


#: Operation and status; then each operation that it leads to, with what that takes from the answer or the request.
_LINKS: dict[tuple[str, str], dict[str, Values]] = {
    ("send_events", "202"): {"get_event": _at("events/0/event_id", "event_id")},
    ("list_events", "200"): {
        "get_event": _at("items/0/event_id", "event_id"),
        "get_record": _at("items/0/record_id", "record_id"),
    },
    ("get_event", "200"): {
        "get_record": _at("record_id", "record_id"),
        "get_comparison": _at("decision/comparison_id", "comparison_id"),
    },
    ("find_learners", "200"): {"list_credits": _at("items/0/id", "learner_id")},
    ("list_credits", "200"): {"get_record": _at("items/0/id", "record_id")},
    ("list_my_credits", "200"): {"get_record": _at("items/0/id", "record_id")},
    ("get_record", "200"): {
        "get_event": _at("event_id", "event_id"),
        "get_comparison": _at("comparison_id", "comparison_id"),
        "get_adoption": _at("adoption_id", "adoption_id"),
        "get_course": _course("course/"),
    },
    ("list_changes", "200"): {
        "list_changes": _at("next", "after"),
        "get_record": _at("items/0/record_id", "record_id"),
        "list_credits": _at("items/0/learner_id", "learner_id"),
    },
    ("draft_comparison", "201"): {
        **{operation: _at("id", "comparison_id") for operation in ("get_comparison", "edit_comparison", "get_impact")},
        **{f"{act}_comparison": _at("id", "comparison_id") for act in _ACTS},
        "get_group": _at("group/id", "group_id"),
    },
    ("list_comparisons", "200"): {
        "get_comparison": _at("items/0/id", "comparison_id"),
        "text_of_comparison": _at("items/0/id", "comparison_id"),
    },
    ("propose_comparison", "200"): {
        f"{act}_comparison": _at("id", "comparison_id") for act in ("rate", "approve", "return", "reject")
    },
    ("rate_comparison", "200"): {f"{act}_comparison": _at("id", "comparison_id") for act in ("approve", "reject")},
    ("approve_comparison", "200"): {
        "get_impact": _at("id", "comparison_id"),
        "withdraw_comparison": _at("id", "comparison_id"),
    },
    ("list_public_comparisons", "200"): {
        "get_public_comparison": _at("items/0/id", "comparison_id"),
        "comment_on_comparison": _at("items/0/id", "comparison_id"),
    },
    ("enter_group", "201"): {
        operation: _at("id", "group_id")
        for operation in ("get_group", "change_group", "appoint_member", "enter_meeting", "list_meetings")
    },
    ("list_groups", "200"): {"get_group": _at("items/0/id", "group_id")},
    ("enter_adoption", "201"): {
        "get_adoption": _at("items/0/id", "adoption_id"),
        "revoke_adoption": _at("items/0/id", "adoption_id"),
    },
    ("list_adoptions", "200"): {"get_adoption": _at("items/0/id", "adoption_id")},
    ("get_adoption", "200"): {"get_comparison": _at("comparison/id", "comparison_id")},
    ("list_courses", "200"): {"get_course": _course("items/0/"), "suggest_outcomes": _course("items/0/")},
    ("put_course", "200"): {"get_course": _course(""), "suggest_outcomes": _course("")},
    ("send_courses", "200"): {"get_course": _course("results/0/")},
    ("list_frameworks", "200"): {
        "get_framework": _at("items/0/id", "framework_id"),
        "list_items": _at("items/0/id", "framework_id"),
    },
    ("list_items", "200"): {"get_item": _at("items/0/id", "item_id")},
    ("list_reviews", "200"): {
        "get_review": _at("items/0/record_id", "record_id"),
        "decide_review": _at("items/0/record_id", "record_id"),
    },
    ("decide_review", "200"): {"get_record": _at("record_id", "record_id")},
    ("create_webhook", "201"): {
        operation: _at("id", "webhook_id")
        for operation in ("get_webhook", "rotate_webhook_secret", "list_deliveries", "delete_webhook")
    },
    ("list_webhooks", "200"): {"get_webhook": _at("items/0/id", "webhook_id")},
    ("list_deliveries", "200"): {
        "resend_delivery": {
            **_at("path.webhook_id", "webhook_id", root="$request."),
            **_at("items/0/id", "delivery_id"),
        }
    },
    ("list_reports", "200"): {"get_report": _at("provinces/0/code", "code")},
}


def add_to(paths: dict[str, Any]) -> None:
    """Write the links into the answers of the ``paths`` of the document; a list leads to its own next page."""
    for operations in paths.values():
        same = [each["name"] for each in operations.get("parameters", ())]
        for method, operation in operations.items():
            if method != "parameters":
                _add(operation, same)


def _add(operation: dict[str, Any], same: Sequence[str]) -> None:
    """Write the links of one operation; ``same``: what stands in the address of a list, and in that of its next page."""
    named = operation["operationId"]
    for status, answer in operation["responses"].items():
        leads = dict(_LINKS.get((named, status), {}))
        if status == "200" and {"$ref": _CURSOR} in operation.get("parameters", ()):
            within = {name: f"$request.path.{name}" for name in same}
            leads[named] = {**_at("next", "cursor"), **within}
        if leads:
            answer["links"] = {
                f"{named}_{target}": {"operationId": target, "parameters": dict(values)}
                for target, values in leads.items()
            }


_CURSOR = "#/components/parameters/cursor"
