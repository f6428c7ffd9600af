"""Models: the catalogue, the store that checks every file, and how a file is downloaded."""
