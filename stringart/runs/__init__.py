"""A job on a machine, from its file to its journal.

Public: `prepared` (prepare_plan, prepare_text), `machine_runs` (open_session), `journals` (begin_journal, unfinished).
"""
