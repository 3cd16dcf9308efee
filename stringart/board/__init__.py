"""The board: its outline, the pins on it, and the chords that may be wound."""
