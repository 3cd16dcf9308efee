"""The plan: what is wound, on what, with what, and where the thread then lies."""
