"""The plan that everything else reads: what is wound, on what, with what, and where the thread then lies."""
