"""What is heard: the microphone, who speaks when, what was said."""
