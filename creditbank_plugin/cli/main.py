"""The console script ``creditbank``; ``flask creditbank`` is the same group inside an application."""

import os
import sys
from collections.abc import Sequence

import click

from creditbank_plugin import __version__
from creditbank_plugin.cli import administration, adoptions
from creditbank_plugin.cli.checkpoint import checkpoint, verify
from creditbank_plugin.cli.clients import client
from creditbank_plugin.cli.comparisons import comparisons
from creditbank_plugin.cli.courses import courses
from creditbank_plugin.cli.database import db
from creditbank_plugin.cli.demo import demo
from creditbank_plugin.cli.doctor import doctor
from creditbank_plugin.cli.faults import Guarded
from creditbank_plugin.cli.frameworks import frameworks
from creditbank_plugin.cli.groups import groups
from creditbank_plugin.cli.messages import events
from creditbank_plugin.cli.report import report
from creditbank_plugin.cli.users import users
from creditbank_plugin.cli.webhooks import webhooks
from creditbank_plugin.cli.work import settle
from creditbank_plugin.cli.worker import worker


@click.group(cls=Guarded, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="creditbank")
def group() -> None:
    """Credit bank: course completions become credits tied to outcomes.

    CREDITBANK_DATA (a folder) and CREDITBANK_DATABASE_URL say which installation a command works on, a running demo
    included.  What stands only in a host's own configuration is known to `flask creditbank …` alone.
    """


for command in (
    demo,
    db,
    settle,
    worker,
    verify,
    checkpoint,
    events,
    client,
    users,
    courses,
    frameworks,
    administration.keys,
    administration.issuers,
    administration.organisations_,
    groups,
    comparisons,
    adoptions.group,
    report,
    webhooks,
    doctor,
):
    group.add_command(command)


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
