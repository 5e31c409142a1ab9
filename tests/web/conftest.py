"""On which databases the pages are tested, and what every test in a browser may ask for."""

from pathlib import Path

import pytest

from tests.conftest import ENGINES


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test a database of SQLite alone, unless it is marked ``both_databases``.

    Pages draw what services return, and refuse what services refuse; services are tested on both databases, and pages
    ask no database themselves.  So that nothing of PostgreSQL's comes between, the mark stands at what knocks at every
    route, and at tests that together show every page, and every form doing its work, once on PostgreSQL too: a new
    page or form has one of its own.
    """
    if metafunc.definition.get_closest_marker("both_databases") is None:
        for database in ("url", "shared_place"):
            if database in metafunc.fixturenames:
                metafunc.definition.add_marker(pytest.mark.parametrize(database, ENGINES[:1], indirect=True))


@pytest.fixture(scope="module")
def axe() -> str:
    """The accessibility rules, as a script."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
