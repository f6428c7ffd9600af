"""The Memory page: search, storage, forgetting."""
