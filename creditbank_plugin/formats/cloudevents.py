"""CloudEvents 1.0 in structured JSON mode, single and batch (CloudEvents JSON event format 1.0, sections 3 and 4)."""

import base64
import binascii
import unicodedata
from dataclasses import dataclass
from typing import Any

from creditbank_hooks.checks import TidingError
from creditbank_hooks.tidings import CompletionRevoked, CourseCompleted, Tiding
from creditbank_plugin.formats import moments, tiding_json
from creditbank_plugin.formats.strict_json import NotJson, loads

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LARGEST_BATCH = 1000
#: What a client may tell.  Merging and erasing learners is for the host alone, through its hooks.
TOLD_FROM_OUTSIDE = (CourseCompleted.kind, CompletionRevoked.kind)
_LONGEST = {"id": 255, "source": 1000, "type": 255}
_JSON = "application/json"


class Unreadable(ValueError):  # noqa: N818 - named by what the request is
    """A request that is no readable message: a stable ``code``, the ``field`` or None, and why in Thai and English."""

    def __init__(self, code: str, field: str | None, th: str, en: str) -> None:
        super().__init__(en)
        self.code, self.field, self.th, self.en = code, field, th, en


class NotACloudEvent(Unreadable):
    """The body, or one item of a batch, is not a CloudEvent 1.0."""


class WrongMediaType(Unreadable):
    """The content type is neither the single nor the batch form."""


class TooMany(Unreadable):
    """A batch of more than ``LARGEST_BATCH`` events."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One CloudEvent: its attributes as sent; ``time`` is still text, and ``packed`` holds ``data_base64``."""

    id: str
    source: str
    type: str
    time: Any = None
    subject: str | None = None
    data: Any = None
    media: Any = None
    packed: Any = None

    def __repr__(self) -> str:  # the data may be personal
        return f"Message(id={self.id!r}, source={self.source!r}, type={self.type!r})"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One place of a batch: a ``message``, or the ``error`` why it is none.  ``id``, ``source`` as far as told."""

    id: str | None
    source: str | None
    message: Message | None = None
    error: NotACloudEvent | None = None


@dataclass(frozen=True)
class Single:
    """A request with one event."""

    message: Message


@dataclass(frozen=True)
class Batch:
    """A request with a list of events, in the order sent."""

    items: tuple[Item, ...]


def read(raw: bytes, content_type: str) -> Single | Batch:
    """Return the events of a request body.

    Raises ``WrongMediaType`` (415), ``NotACloudEvent`` (400) and ``TooMany`` (413); an item of a batch that is no
    CloudEvent becomes an ``Item`` with an error, and the others go on.
    """
    batch = _is_batch(content_type)
    try:
        body = loads(raw)
    except NotJson as error:
        raise NotACloudEvent("not_json", None, error.th, error.en) from None
    if not batch:
        return Single(_message(body))
    if not isinstance(body, list):
        raise NotACloudEvent("not_a_list", None, "ชุดเหตุการณ์ต้องเป็นรายการ (list)", "a batch must be a list of events")
    if len(body) > LARGEST_BATCH:
        limit = f"{LARGEST_BATCH:,}"
        raise TooMany(
            "too_many",
            None,
            f"ส่งได้ครั้งละไม่เกิน {limit} เหตุการณ์",
            f"at most {limit} events may be sent at once",
        )
    return Batch(tuple(_item(each) for each in body))


def translate(message: Message) -> Tiding | None:
    """Return the tiding that the event tells; None for a type that is not ours.  Raises ``TidingError``."""
    if message.type not in TOLD_FROM_OUTSIDE:
        return None
    time = moments.moment("time", message.time) if message.time is not None else None
    data = _data(message)
    return tiding_json.parse(message.type, data, event_id=message.id, source=message.source, time=time)


def _is_batch(content_type: str) -> bool:
    name, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = {
        part.partition("=")[2].strip(' "') for part in parameters if part.partition("=")[0].strip() == "charset"
    }
    if name not in (SINGLE, BATCH) or charsets - {"utf-8", "utf8", "us-ascii"}:
        raise WrongMediaType(
            "wrong_media_type",
            None,
            f"ต้องส่งเป็น {SINGLE} หรือ {BATCH} (UTF-8)",
            f"must be sent as {SINGLE} or {BATCH} (UTF-8)",
        )
    return name == BATCH


def _item(event: Any) -> Item:
    try:
        message = _message(event)
    except NotACloudEvent as error:
        told = event if isinstance(event, dict) else {}
        id_, source = (value if isinstance(value, str) else None for value in (told.get("id"), told.get("source")))
        return Item(id=id_, source=source, error=error)
    return Item(id=message.id, source=message.source, message=message)


def _message(event: Any) -> Message:
    if not isinstance(event, dict):
        raise NotACloudEvent("not_an_object", None, "เหตุการณ์ต้องเป็นวัตถุ JSON", "an event must be a JSON object")
    if event.get("specversion") != "1.0":
        raise NotACloudEvent("specversion", "specversion", 'ต้องเป็น "1.0"', 'must be "1.0"')
    attributes = {name: _attribute(event, name, longest) for name, longest in _LONGEST.items()}
    subject = event.get("subject")
    return Message(
        **attributes,
        time=event.get("time"),
        subject=subject if isinstance(subject, str) else None,
        data=event.get("data"),
        media=event.get("datacontenttype"),
        packed=event.get("data_base64"),
    )


def _attribute(event: dict[str, Any], name: str, longest: int) -> str:
    value = event.get(name)
    if value is None:
        raise NotACloudEvent("attribute_missing", name, "ต้องส่งค่านี้มาด้วย", "is required")
    if not isinstance(value, str) or not value.strip():
        raise NotACloudEvent("attribute_invalid", name, "ต้องเป็นข้อความที่ไม่ว่าง", "must be text that is not empty")
    if len(unicodedata.normalize("NFC", value)) > longest or len(value) > longest:
        th, en = f"ยาวได้ไม่เกิน {longest} ตัวอักษร", f"must have at most {longest} characters"
        raise NotACloudEvent("attribute_invalid", name, th, en)
    if any(unicodedata.category(sign) == "Cc" for sign in value):
        raise NotACloudEvent("attribute_invalid", name, "มีอักขระควบคุม", "holds control characters")
    return value


def _data(message: Message) -> Any:
    media = message.media if message.media is not None else _JSON
    name = media.split(";")[0].strip().lower() if isinstance(media, str) else ""
    if name not in (_JSON, "text/json") and not name.endswith("+json"):
        raise TidingError("datacontenttype", "ข้อมูลต้องเป็น application/json", "the data must be application/json")
    if message.packed is None:
        return message.data
    if message.data is not None or not isinstance(message.packed, str):
        raise TidingError(
            "data_base64",
            "ต้องเป็นข้อความ base64 และส่งแทน data ไม่ใช่ส่งพร้อมกัน",
            "must be base64 text, sent in place of data and not beside it",
        )
    try:
        return loads(base64.b64decode(message.packed, validate=True))
    except NotJson as error:
        raise TidingError("data_base64", error.th, error.en) from None
    except (binascii.Error, ValueError):
        raise TidingError("data_base64", "ไม่ใช่ base64", "is not base64") from None
