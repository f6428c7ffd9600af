"""The Alerts page: standing requests."""
