"""Winding by hand: the guide, its progress on disk, the spoken one.

Public: `guide` (Guide), `guide_words` (GuideWords), `keys` (of the terminal), `progress` (ProgressStore), `speech`
(Speaker), `trouble` (TROUBLES).
"""
