"""From a photo to the chords of a plan: what is minimised, the search, the winding, as events.

Public: `pipeline` (design, design_events), `clips` (plan_clip), `options` (DesignOptions), `events`, `quality`
(QUALITIES), `controls`.
"""
