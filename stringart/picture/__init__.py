"""The photo: read from any file, its importance, the pictures of a clip."""
