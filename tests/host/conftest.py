from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import builders
from tests.host.school import School, open_school


@pytest.fixture
def school(url: str, tmp_path: Path) -> Iterator[School]:
    """The school with the module attached, in the school's own database, and a comparison in force."""
    made = open_school(tmp_path, url)
    builders.furnish(made.house)
    yield made
    made.close()
