"""How a photo can be shared out to several threads, by name; `unmixing` does it."""

SHARES, DITHER, BLURRED = "shares", "dither", "blurred"
UNMIXINGS = (SHARES, DITHER, BLURRED)
"""The nearest mixture in every pixel; one colour a pixel, right on average; that, blurred again."""
