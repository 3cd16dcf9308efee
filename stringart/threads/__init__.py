"""Threads: palettes, what can be bought and what one owns, their names, colours mixed as light, the order of layers.

Public: `request` (parse_palette), `palette` (choose), `unmixing`, `unmixings`, `schedule`, `catalogues`, `own_threads`,
`color_names`, `thread_text`, `counts`.
"""
