"""What a plan looks like: painted, scored, filmed, and as a picture of its threads."""
