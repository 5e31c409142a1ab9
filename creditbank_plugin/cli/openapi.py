"""``creditbank openapi``: the document of the API, as the application answers it, in one stable form."""

import json
from pathlib import Path

import click

from creditbank_plugin.api import document
from creditbank_plugin.cli.faults import Fault
from creditbank_plugin.cli.installation import settings_here


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def openapi(file: Path | None) -> None:
    """Write the OpenAPI document of the API into FILE, or give it; no database is needed.

    Its keys are in order, so that two versions can be held beside each other line by line.
    """
    made = document.alone(settings_here().url_prefix)
    text = json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Fault(f"{file} cannot be written: {error.strerror}", "เขียนแฟ้มไม่ได้") from None
    click.echo(f"written to {file}")
