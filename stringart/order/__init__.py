"""What is asked for: every option of a design, told once, and the project file.

Public: `order` (Order, TABLE), `option` (what is said of one), `command` (an order as a command), `project_file`,
`look_files`, `loaded` (from an order to options), `rivals` (looks that come closer).
"""
