"""The command line: one file a group of commands, imported only when one of them is run."""

from stringart.cli._main import main

__all__ = ["main"]
