"""A job on a machine, from its file to its journal."""
