"""Winding by hand: the guide, its progress on disk, the spoken one.

Public: `guide` (Guide), `progress` (ProgressStore), `speech` (Speaker), `trouble` (TROUBLES).
"""
