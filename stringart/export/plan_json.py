"""The plan file itself."""

from stringart.export import ExportOptions
from stringart.plan.model import Plan


def export(plan: Plan, options: ExportOptions) -> bytes:
    """Return the plan file, UTF-8 JSON."""
    return plan.to_bytes()
