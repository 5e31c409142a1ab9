"""The environment of a developer must not leak into tests of the command line."""

import os

import pytest


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("CREDITBANK_"):
            monkeypatch.delenv(name)
