"""Many pieces at once: what a worker makes, the folder that keeps it, the crew of workers, the sheet that compares."""
