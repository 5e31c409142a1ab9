"""The stopwatch of this room."""

from collections.abc import Callable

import pytest

pytest.register_assert_rewrite("tests.faults.end", "tests.faults.client")  # so that they say what differs

from tests.faults.end import Recovery  # noqa: E402


@pytest.fixture
def recovery(record_property: Callable[[str, object], None]) -> Recovery:
    """A stopwatch whose times stand in the summary of the run."""
    return Recovery(record_property)
