"""``stringart completion``: what a shell must run so that Tab completes our commands."""

import click

_HOW = {
    "bash": 'add to ~/.bashrc:  eval "$(stringart completion bash)"',
    "zsh": 'add to ~/.zshrc, after compinit:  eval "$(stringart completion zsh)"',
    "fish": "stringart completion fish > ~/.config/fish/completions/stringart.fish",
}


@click.command(epilog="\b\n" + "\n".join(f"{shell + ':':<6}{how}" for shell, how in _HOW.items()))
@click.argument("shell", type=click.Choice(list(_HOW)))
def completion(shell: str) -> None:
    """Print the script that completes commands, options, formats, machines and boards in SHELL."""
    from stringart.cli._complete import script

    click.echo(script(shell))
