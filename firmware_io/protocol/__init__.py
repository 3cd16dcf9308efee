"""Protocol cores without input or output: bytes in, events and bytes out, the clock given."""
