"""``python -m stringart`` is the command line."""

from stringart.cli import main

main()
