"""A thread measured from a photo of a test card.

Public: `card` (card_plan), `fiducials` (find_marks), `fit` (fit_card).
"""
