"""``creditbank demo``: the command; what it does is loaded only when it runs, so that other commands start at once."""

from pathlib import Path

import click


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder; default ./creditbank-data.")
@click.option("--reset", is_flag=True, help="Delete the demo's own files in the folder first.")
def demo(port: int, data: Path | None, reset: bool) -> None:
    """Run a small learning platform with the credit bank attached, for this machine only."""
    from creditbank_plugin.cli.demo_run import run

    run(port, data, reset)
