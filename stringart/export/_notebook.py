"""What a notebook shows of a plan: picture, layers, length and hours; the winding with a slider. Plain HTML."""

import base64
from dataclasses import dataclass
from html import escape

from stringart.export import ExportOptions, export_as, exporter_for
from stringart.plan.materials import ThreadUse, materials_of
from stringart.plan.model import Plan
from stringart.units import format_duration, format_length

PICTURE_PX = 480
_CELL = "padding: .15em .8em .15em 0; text-align: left; vertical-align: top"
_NUMBER = "padding: .15em 0 .15em .8em; text-align: right; font-variant-numeric: tabular-nums"


def page(plan: Plan) -> str:
    """Return picture and table as HTML that needs nothing else.

    Parameters
    ----------
    plan : Plan
    """
    png = base64.b64encode(export_as(plan, ".png", width_px=PICTURE_PX)).decode()
    use = materials_of(plan)
    rows = "".join(_row(plan, number, layer) for number, layer in enumerate(use.layers, 1))
    total = (
        f"{use.steps:,} steps, {format_length(use.total_mm)} of thread; by hand {escape(use.hand_text)}; "
        f"by machine {format_duration(use.machine_s)}"
    )
    heads = "".join(f'<th style="{_CELL}">{head}</th>' for head in ("layer", "thread"))
    heads += "".join(f'<th style="{_NUMBER}">{head}</th>' for head in ("chords", "length"))
    return (
        '<div style="display: flex; flex-wrap: wrap; gap: 1.5em; align-items: flex-start">'
        f'<img width="{PICTURE_PX}" style="max-width: 100%" alt="{escape(repr(plan)[1:-1])}" '
        f'src="data:image/png;base64,{png}">'
        '<div style="flex: 1 1 18em">'  # beside the picture where there is room: a sentence breaks before the box does
        f"<p><b>{escape(repr(plan)[7:-1])}</b></p><p>{total}</p>"
        f'<table style="border-collapse: collapse"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        "</div></div>"
    )


def _row(plan: Plan, number: int, use: ThreadUse) -> str:
    thread = plan.threads[use.thread]
    swatch = (
        f'<span style="display: inline-block; width: .9em; height: .9em; border: 1px solid #8888; '
        f'border-radius: 50%; vertical-align: -.1em; background: {thread.color}"></span>'
    )
    cells = f'<td style="{_CELL}">{number}</td><td style="{_CELL}">{swatch} {escape(thread.name)}</td>'
    cells += f'<td style="{_NUMBER}">{use.chords:,}</td><td style="{_NUMBER}">{format_length(use.total_mm)}</td>'
    return f"<tr>{cells}</tr>"


@dataclass(frozen=True, slots=True, repr=False)
class Player:
    """The winding with a slider, as the last line of a notebook's cell: ``plan.player()``.

    Parameters
    ----------
    plan : Plan
    """

    plan: Plan

    def _repr_html_(self) -> str:
        source = exporter_for("-.html")(self.plan, ExportOptions()).decode()
        return (
            f'<iframe srcdoc="{escape(source)}" title="The winding, step by step" '
            'style="width: 100%; height: 760px; border: 0" allowfullscreen></iframe>'
        )

    def __repr__(self) -> str:
        return f"<Player of {self.plan!r}>"
