"""Handlers of URLs for pyserial: ``sim://`` is a port like any other."""
