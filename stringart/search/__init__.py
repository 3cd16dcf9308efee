"""From a photo to the chords of a plan: what is minimised, the search, the winding, as events."""
