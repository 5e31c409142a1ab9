"""Codes are sorted as people count."""

from creditbank_plugin.rules.catalogue import reading_order


def test_numbers_within_codes_count() -> None:
    codes = ["ค 1.1 ม.1/10", "ค 1.1 ม.1/2", "NQF-2", "ค 1.1", "1.0", "ค 1.10", "NQF-10", "K", "²"]
    assert sorted(codes, key=reading_order) == [
        *("1.0", "K", "NQF-2", "NQF-10", "²", "ค 1.1", "ค 1.1 ม.1/2", "ค 1.1 ม.1/10", "ค 1.10"),
    ]
