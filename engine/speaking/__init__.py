"""What is said aloud, when, and how it is stopped."""
