from pathlib import Path

import pytest
from flask import Flask

from tests.demo.lms import an_lms


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return an_lms(tmp_path)
