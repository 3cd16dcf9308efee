"""Winding by hand: the guide, its progress on disk, the spoken one.

Public: `guide` (Guide), `guide_words` (GuideWords), `progress` (ProgressStore), `speech` (Speaker), `trouble`
(TROUBLES).
"""
