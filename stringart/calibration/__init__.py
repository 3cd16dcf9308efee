"""A thread measured from a photo of a test card."""
