"""The shopping list as a table."""

from stringart.export.shopping import OPTIONS
from stringart.export.shopping import table as export

__all__ = ["OPTIONS", "export"]
