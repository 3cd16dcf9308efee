"""The board: its outline, the pins on it, and the chords that may be wound.

Public: `boards` (make_board, place_pins, allowed_chords), `outlines`, `number_tables` (what spreadsheets write).
"""
