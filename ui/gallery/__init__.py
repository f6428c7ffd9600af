"""The Gallery page: what is known by name."""
