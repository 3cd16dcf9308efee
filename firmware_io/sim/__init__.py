"""Simulated controllers that behave like the real ones where it hurts, and the machine that hangs on them."""
