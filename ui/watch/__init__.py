"""The Watch page: preview, registration, conversation, timeline."""
