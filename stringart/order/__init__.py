"""What is asked for: every option of a design, told once, and the project file.

Public: `table` (TABLE), `order` (Order), `project_file`, `look_files`, `loaded` (from an order to options),
`rivals` (looks that come closer).
"""
