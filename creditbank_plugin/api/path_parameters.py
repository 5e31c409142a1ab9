"""What stands in the addresses of the API: the OpenAPI document says of each what it is, with an example."""

from typing import Any

_ID = "019308a0-6d2e-7c11-9a55-0d6f0a2b3c{}"
_UUID: dict[str, Any] = {"type": "string", "format": "uuid"}
_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
#: Where an address of the API's own ends and one of another service begins that describes its own parameters.
_OWN = "/api/v1/"

#: By name: what it is, its schema, an example; the same ids stand in the examples of answers and bodies.
PARAMETERS: dict[str, tuple[str, dict[str, Any], str]] = {
    "event_id": ("our id of an event, `event_id` of its answer", _UUID, _ID.format("41")),
    "record_id": ("a credit record", _UUID, _ID.format("42")),
    "comparison_id": ("a comparison, the same from the draft to the end", _UUID, _ID.format("43")),
    "adoption_id": ("an order of a bank", _UUID, _ID.format("44")),
    "learner_id": ("a learner, by our number", _UUID, _ID.format("46")),
    "webhook_id": ("a subscription of the client's own", _UUID, _ID.format("48")),
    "delivery_id": ("a message to that subscription", _UUID, _ID.format("49")),
    "group_id": ("a working group", _UUID, _ID.format("66")),
    "item_id": ("an outcome of a framework", _UUID, _ID.format("67")),
    "framework_id": ("a framework", _UUID, _ID.format("68")),
    "owner": ("code of the organisation that owns the course", _TEXT, "99000001"),
    "code": ("code of the course", _TEXT, "20000-1101"),
    "version": ("curriculum year พ.ศ.", _TEXT, "2567"),
}
_PROVINCE = ("two digits of the province", {"type": "string", "pattern": "^[0-9]{2}$"}, "51")


def describe(paths: dict[str, Any]) -> None:
    """Write into the ``paths`` of the document what the parameters of the API's own addresses are."""
    for path, operations in paths.items():
        if _OWN in path:
            for parameter in operations.get("parameters", ()):
                named = parameter["name"]
                about, schema, example = _PROVINCE if "/reports/" in path else PARAMETERS[named]
                parameter.update(description=about, schema=dict(schema), example=example)
