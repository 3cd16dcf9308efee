"""A job on a machine, from its file to its journal.

Public: `machine_runs`.
"""
