"""``stringart studio``: the local web page."""

from pathlib import Path

import click


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8037, show_default=True, help="0 takes a free one.")
@click.option("--no-browser", is_flag=True, help="Do not open the page.")
@click.option(
    "--project", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="Folder of photos, plans and variants.  [default: in the user's data folder]",
)  # fmt: skip
@click.option("--lan", is_flag=True, help="Let phones of the same network in, with a token in the address.")
def studio(port: int, no_browser: bool, project: Path | None, lan: bool) -> None:
    """Open the studio: a page on this computer, from the photo to the finished piece."""
    from stringart.studio.serve import serve

    serve(port=port, lan=lan, project=project, browser=not no_browser, say=lambda text: click.echo(text, err=True))
