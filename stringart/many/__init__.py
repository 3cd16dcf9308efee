"""Many pieces at once: what a worker makes, the folder that keeps it, the crew of workers, the sheet that compares.

Public: `batch` (Batch), `work`, `folder` (BatchFolder), `crew` (Crew), `owner` (what all pieces are told by), `values`
(sweeps), `trials` (looks tried), and the sheets: `contact_sheet`, `look_sheet`. Of many computers: `cluster` (start,
join), `certificates`, `scheduler` (one that runs already), `local_workers`.
"""
