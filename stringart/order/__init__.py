"""What is asked for: every option of a design, told once, and the project file."""
