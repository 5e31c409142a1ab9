"""Chromium, where the machine has one; in CI it must."""

import os
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def chromium_file() -> str:
    """Where Chromium stands; without one the test is skipped, and in CI it fails."""
    if not CHROMIUM.exists():
        if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
            pytest.fail("chromium is missing; in CI the pages must be tested in a browser")
        pytest.skip("chromium is missing: the pages are not tested in a browser")
    return str(CHROMIUM)
