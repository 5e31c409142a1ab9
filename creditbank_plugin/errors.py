"""Refusals as values: a stable code, a sentence in Thai and English, and the field that is to blame, if one is."""


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """Something asked of us is refused; ``status`` is the HTTP status it amounts to.

    The sentences never repeat what was sent, which may be personal.
    """

    def __init__(self, code: str, th: str, en: str, *, field: str = "", status: int = 422) -> None:
        super().__init__(f"{code}: {en}")
        self.code, self.th, self.en, self.field, self.status = code, th, en, field, status


def not_found() -> Refused:
    """Return the refusal of what is not there, or is not the reader's to see."""
    return Refused("not_found", "ไม่พบสิ่งที่ขอ", "Not found.", status=404)


def invalid(field: str, th: str, en: str) -> Refused:
    """Return the refusal (422) of what stands in a field."""
    return Refused("invalid", th, en, field=field)


def need(met: bool, field: str, th: str, en: str) -> None:
    """Raise the refusal (422) of ``field`` unless ``met``."""
    if not met:
        raise invalid(field, th, en)
