"""What an undecided message can wait for, as one key each: who waits and what arrives must spell it alike."""

from creditbank_plugin.rules import thai

COURSE, ADDRESS = "course:", "iri:"


def course(code: str) -> str:
    """Return the key of a course by its code, in whatever spelling."""
    return f"{COURSE}{thai.course_code(code)}"


def address(iri: str) -> str:
    """Return the key of a course by the address that a host uses for it."""
    return f"{ADDRESS}{iri}"


def comparison(course_id: str) -> str:
    """Return the key of a comparison of a course version."""
    return f"comparison:{course_id}"


def adoption(organisation: str | None) -> str:
    """Return the key of an order of an organisation's bank; without an organisation nobody will ever order."""
    return f"adoption:{organisation or ''}"


def issuer(issuer: str) -> str:
    """Return the key of an issuer that is not trusted yet."""
    return f"issuer:{issuer}"


def learner(issuer: str, learner_id: str) -> str:
    """Return the key of a learner who has no account yet."""
    return f"learner:{issuer}\x1f{learner_id}"
