"""The board's rim with its pins as solids to print, in arcs that fit the bed, as binary STL in millimetres.

The arcs lie side by side, a bed apart: a slicer parts them. Which is which their numbers say.
"""

import numpy as np

from stringart.export import ExportOptions
from stringart.export._ring import SOLID_OPTIONS, gap_notes
from stringart.export._ring_solid import solids_of
from stringart.plan.model import Plan

OPTIONS = SOLID_OPTIONS
notes = gap_notes
_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("more", "<u2")])


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return STL.

    Raises
    ------
    MissingExtraError
        Without the extra ``ring``.
    OutputError
        If the ring cannot be cut so.
    """
    corners = np.concatenate([points[triangles] for points, triangles in solids_of(plan, options)])
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    table = np.zeros(len(corners), _TRIANGLE)
    table["corners"] = corners
    table["normal"] = np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)
    return b"stringart ring, mm".ljust(80) + len(corners).to_bytes(4, "little") + table.tobytes()
