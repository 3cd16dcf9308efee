"""``stringart help``: what pins, threads, layers and machines are, a screen each; the texts lie in ``topics``."""

from importlib import resources

import click

from stringart.cli._table import COMMANDS

_FOLDER = resources.files("stringart.cli") / "topics"
TOPICS = {
    "photos": "What is read, which part of it, what matters in it.",
    "pins": "Where pin 0 is, which boards there are, how to drill.",
    "threads": "Colour and width, palettes, how much to buy.",
    "layers": "Which thread lies on which, and what a change costs.",
    "hand": "From a measured thread to the last pin, by hand.",
    "trouble": "When winding by hand goes wrong: what to do.",
    "machine": "From a plan to a wound piece, step by step and safely.",
    "position": "Where the tool is, the controller's states, a visit at one prompt.",
    "network": "Telnet, WebSockets, Moonraker, OctoPrint.",
    "turntable": "A board that turns beside one needle; a sketch of your own.",
    "films": "A clip on one board, a winding as a film.",
    "python": "The same from Python, a line each.",
    "many": "Project files, batches, sweeps, other computers.",
    "cluster": "Many computers: what to install, start, join, keep others out.",
    "files": "What is written and where, endings, exit codes, extras.",
}


@click.command("help")
@click.argument("topic", required=False, metavar="[TOPIC|COMMAND]")
@click.pass_context
def help_(context: click.Context, topic: str | None) -> None:
    """Explain a TOPIC on one screen, or show the help of a COMMAND."""
    if topic is None:
        click.echo("Topics:\n" + "\n".join(f"  stringart help {name:<8} {line}" for name, line in TOPICS.items()))
        click.echo("\nCommands: stringart --help lists them; stringart help COMMAND shows the options of one.")
    elif topic in TOPICS:
        click.echo((_FOLDER / f"{topic}.txt").read_text("utf-8"), nl=False)
    elif topic in COMMANDS:
        parent = context.parent
        assert parent is not None
        assert isinstance(parent.command, click.Group)
        command = parent.command.get_command(parent, topic)
        assert command is not None
        click.echo(command.get_help(click.Context(command, info_name=topic, parent=parent)))
    else:
        raise click.UsageError(f"there is no topic '{topic}': choose of {', '.join(TOPICS)}, or name a command")
