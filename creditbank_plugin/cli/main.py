"""The console script ``creditbank``; ``flask creditbank`` is the same group inside an application."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from creditbank_plugin import __version__
from creditbank_plugin.cli.faults import Guarded

#: Each command, and where below this package it stands.
COMMANDS = {
    "demo": "demo:demo",
    "db": "database:db",
    "settle": "work:settle",
    "worker": "worker:worker",
    "verify": "checkpoint:verify",
    "checkpoint": "checkpoint:checkpoint",
    "events": "messages:events",
    "client": "clients:client",
    "users": "users:users",
    "courses": "courses:courses",
    "frameworks": "frameworks:frameworks",
    "keys": "administration:keys",
    "issuers": "administration:issuers",
    "organisations": "administration:organisations_",
    "groups": "groups:groups",
    "comparisons": "comparisons:comparisons",
    "adoptions": "adoptions:group",
    "report": "report:report",
    "webhooks": "webhooks:webhooks",
    "openapi": "openapi:openapi",
    "doctor": "doctor:doctor",
}


class OneAtATime(Guarded):
    """A group that imports the command which is asked for: importing all of them takes longer than most of them work."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; None where there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(f"creditbank_plugin.cli.{module}"), name)
        return found


@click.group(cls=OneAtATime, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="creditbank")
def group() -> None:
    """Credit bank: course completions become credits tied to outcomes.

    CREDITBANK_DATA (a folder) and CREDITBANK_DATABASE_URL say which installation a command works on, a running demo
    included.  What stands only in a host's own configuration is known to `flask creditbank …` alone.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every error is one line on standard error."""
    try:
        code = group.main(arguments, prog_name="creditbank", standalone_mode=False)
    except click.UsageError as error:
        where, text = error.ctx.command_path if error.ctx is not None else "creditbank", error.format_message()
        # A group without a command is answered with its whole help; anything else is one line.
        click.echo(text if "\n" in text else f"creditbank: {text} (see: {where} --help)", err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("creditbank: stopped / หยุดแล้ว", err=True)
        return 130
    except BrokenPipeError:
        # Whoever read our output has enough of it; Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
