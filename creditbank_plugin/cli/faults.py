"""What goes wrong on the command line: one clear line in English and Thai, never a traceback."""

import os
import sys
from typing import IO, Any

import click
from sqlalchemy.exc import SQLAlchemyError

from creditbank_plugin.errors import Refused
from creditbank_plugin.services.plugins import BrokenPluginError
from creditbank_plugin.settings import SettingError


class Fault(click.ClickException):
    """An error as a line on standard error; the exit code is 1."""

    def __init__(self, en: str, th: str) -> None:
        super().__init__(f"{en} / {th}")

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the line."""
        click.echo(f"creditbank: {self.message}", file=file or sys.stderr)


class NewerTables(Fault):
    """This program is older than the tables; the exit code is 75 (EX_TEMPFAIL), by which a supervisor can tell."""

    exit_code = 75


class Guarded(click.Group):
    """A group whose commands turn every foreseeable failure into a `Fault`."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if os.environ.get("CREDITBANK_DEBUG"):
                raise
            raise understood(error) from None


def understood(error: Exception) -> Fault:
    """Return the line for an exception; its own text is shown only where it cannot hold what somebody sent."""
    if isinstance(error, Refused):
        kind = NewerTables if error.code == "tables_changed" else Fault
        return kind(f"{error.en} ({error.code})", error.th)
    if isinstance(error, SettingError | BrokenPluginError):
        return Fault(error.en, error.th)
    if isinstance(error, ValueError) and str(error).startswith("CREDITBANK_"):
        return Fault(str(error), "ค่าที่ตั้งไว้ไม่ถูกต้อง")
    name = type(error).__name__
    if isinstance(error, SQLAlchemyError):
        return Fault(f"the database refused the work ({name})", "ฐานข้อมูลไม่รับงานนี้")
    if isinstance(error, OSError):
        what = f"{error.strerror or name}{f': {error.filename}' if error.filename else ''}"
        return Fault(what, "ระบบปฏิบัติการไม่รับงานนี้")
    return Fault(f"something unexpected happened ({name}); set CREDITBANK_DEBUG=1 to see where", "เกิดข้อผิดพลาดที่ไม่คาดไว้")
