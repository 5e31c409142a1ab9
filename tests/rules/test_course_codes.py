"""What the code of a course says by its form, and what it is kept as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditbank_plugin import reference
from creditbank_plugin.rules import course_codes as codes


@pytest.mark.parametrize(
    ("told", "kept", "form"),
    [
        ("ท21101", "ท21101", "basic"),
        ("ท 21101", "ท21101", "basic"),
        ("ท๒๑๑๐๑", "ท21101", "basic"),
        ("\u200bท\u00a021101 ", "ท21101", "basic"),
        ("20000-1101", "20000-1101", "vocational"),
        ("20000 – 1101", "20000-1101", "vocational"),
        ("๒๐๐๐๐-๑๑๐๑", "20000-1101", "vocational"),
        ("2000-1101", "2000-1101", "vocational_before_2556"),
        ("dg-wpjl-028", "DG-WPJL-028", "tpqi"),
        ("RUB-ZMEV-122A", "RUB-ZMEV-122A", "tpqi"),
        ("ECM-ZZZ-5-011ZA", "ECM-ZZZ-5-011ZA", "tpqi_before"),
        ("พท21001", "พท21001", "other"),
        ("กศน 12/3", "กศน 12/3", "other"),
        ("I20201", "I20201", "other"),
        ("AE43", "AE43", "other"),
    ],
)
def test_codes_of_every_form(told: str, kept: str, form: str) -> None:
    found = codes.read(told)
    assert (found.text, found.form) == (kept, form)


def test_what_each_digit_means_has_a_source_and_a_mark() -> None:
    found = codes.read("ท21101", "2551")
    assert found.level_group == "lower_secondary"
    assert [(part.text, part.en, part.inferred) for part in found.parts] == [
        ("ท", "Thai language", False),
        ("2", "lower secondary", False),
        ("1", "year 1", True),
        ("1", "basic course", True),
        ("01", "serial number", True),
    ]
    assert all(part.source.startswith("http") and part.evidence == "secondary" for part in found.parts)
    assert codes.read("ว30201").parts[2].en == "any year"


def test_curricula_before_2551_counted_otherwise() -> None:
    assert [part.text for part in codes.read("ท31101", "2544").parts] == ["ท"]
    assert codes.read("ท31101", "2544").level_group is None


def test_every_real_code_is_kept_as_it_is() -> None:
    rows = reference.load("courses")
    listed = [row["code"] for kind in ("basic", "nonformal", "vocational") for row in rows.get(kind, [])]
    assert all(codes.canonical(code) == code for code in listed)


@pytest.mark.parametrize(
    ("code", "level_group", "doubtful"),
    [
        ("ท31101", "lower_secondary", True),
        ("ท21101", "lower_secondary", False),
        ("ท21101", "short_course", False),
        ("ท2110", "lower_secondary", True),
        ("2000-110", "diploma", True),
        ("20000-1101", "diploma", False),
        ("กศน 12", "short_course", False),
    ],
)
def test_what_looks_strange_is_said_and_never_refused(code: str, level_group: str, doubtful: bool) -> None:
    said = codes.doubt(codes.read(code), level_group)
    assert (said is not None) == doubtful


@given(st.text(max_size=40))
def test_keeping_a_code_twice_changes_nothing(text: str) -> None:
    assert codes.canonical(codes.canonical(text)) == codes.canonical(text)
