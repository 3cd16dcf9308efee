"""The board's rim with its pins as solids to print, in arcs that fit the bed, as 3MF in mm: an object an arc."""

import io
import zipfile

from stringart._version import __version__
from stringart.export import ExportOptions
from stringart.export._ring import SOLID_OPTIONS, gap_notes
from stringart.export._ring_solid import Mesh, solids_of
from stringart.plan.model import Plan

OPTIONS = SOLID_OPTIONS
notes = gap_notes
_CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_TYPES = f"""{_XML}<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>
</Types>
"""
_MODEL = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
_RELATIONS = f"""{_XML}<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="model" Type="{_MODEL}" Target="/3D/3dmodel.model"/>
</Relationships>
"""
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same bytes on every run


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return 3MF.

    Raises
    ------
    MissingExtraError
        Without the extra ``ring``.
    OutputError
        If the ring cannot be cut so.
    """
    solids = solids_of(plan, options)
    objects = "".join(_object(number, mesh) for number, mesh in enumerate(solids, 1))
    items = "".join(f'<item objectid="{number}"/>\n' for number in range(1, len(solids) + 1))
    model = (
        f'{_XML}<model unit="millimeter" xml:lang="en-US" xmlns="{_CORE}">\n'
        f'<metadata name="Application">stringart {__version__}</metadata>\n'
        f"<resources>\n{objects}</resources>\n<build>\n{items}</build>\n</model>\n"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in (("[Content_Types].xml", _TYPES), ("_rels/.rels", _RELATIONS), ("3D/3dmodel.model", model)):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, text)
    return file.getvalue()


def _object(number: int, mesh: Mesh) -> str:
    points, triangles = mesh
    vertices = "".join(f'<vertex x="{x:.6g}" y="{y:.6g}" z="{z:.6g}"/>' for x, y, z in points.tolist())
    faces = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in triangles.tolist())
    return (
        f'<object id="{number}" name="arc {number}" type="model"><mesh>'
        f"<vertices>{vertices}</vertices><triangles>{faces}</triangles></mesh></object>\n"
    )
