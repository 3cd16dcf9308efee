"""Many pieces at once: what a worker makes, the folder that keeps it, the crew of workers, the sheet that compares.

Public: `batch` (Batch), `work`, `folder` (BatchFolder), `crew` (Crew), `values` (sweeps), `trials` (looks tried), and
the sheets: `contact_sheet`, `look_sheet`.
"""
