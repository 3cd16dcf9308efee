"""The plan that everything else reads: what is wound, on what, with what, and where the thread then lies.

Public: `model` (Plan and its parts), `steps` (steps_of), `wraps` (directions), `taut` (tangents), `touches`
(contacts_of), `materials` (materials_of), `nails` (nails_of).
"""
