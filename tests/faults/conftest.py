"""The stopwatch of this room."""

from collections.abc import Callable

import pytest

from tests.faults.end import Recovery


@pytest.fixture
def recovery(record_property: Callable[[str, object], None]) -> Recovery:
    """A stopwatch whose times stand in the summary of the run."""
    return Recovery(record_property)
