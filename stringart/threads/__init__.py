"""Threads: palettes, what can be bought and what one owns, their names, colours mixed as light, the order of layers."""
