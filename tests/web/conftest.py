"""What every test in a browser may ask for."""

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def axe() -> str:
    """The accessibility rules, as a script."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
