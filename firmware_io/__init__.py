"""Streaming of G-code to a machine over serial: useful for any job, knows nothing of string art."""
