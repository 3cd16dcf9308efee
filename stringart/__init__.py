"""String art from a photo: plan it, see it, wind it by hand or by machine."""

__version__ = "0.1.0"
