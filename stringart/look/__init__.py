"""What a plan looks like: painted, scored, filmed, and as a picture of its threads.

Public: `paint`, `score`, `material` (the piece on its wall), `film`, `clip_film`, `swatches`, `tolerance` (human
error).
"""
