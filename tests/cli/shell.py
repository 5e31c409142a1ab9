"""Run the command line in this process, as the console script does."""

import io
import json
import os
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from creditbank_plugin.cli.main import main
from tests.builders import ISSUER, House
from tests.kept_logging import kept_logging


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document that standard output is."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Shell:
    """A shell whose environment names one installation."""

    data: Path
    url: str | None = None
    issuer: str | None = None

    @classmethod
    def of(cls, house: House) -> "Shell":
        """A shell set up for the installation of a house."""
        url = house.runtime.engine.url.render_as_string(hide_password=False)
        return cls(house.runtime.settings.data, url, ISSUER)

    def __call__(self, *arguments: str) -> Ran:
        environment = {"CREDITBANK_DATA": str(self.data)}
        if self.url is not None:
            environment["CREDITBANK_DATABASE_URL"] = self.url
        if self.issuer is not None:
            environment["CREDITBANK_ISSUER"] = self.issuer
        out, err = io.StringIO(), io.StringIO()
        with kept_logging(), patch.dict(os.environ, environment), redirect_stdout(out), redirect_stderr(err):
            code = main(arguments)
        return Ran(code, out.getvalue(), err.getvalue())

    def refused(self, *arguments: str) -> str:
        """Run a command that must fail, and return its one line."""
        ran = self(*arguments)
        assert ran.code != 0, ran.out
        assert ran.out == ""
        lines = ran.err.splitlines()
        assert len(lines) == 1, ran.err
        assert lines[0].startswith("creditbank: ")
        return lines[0]
