"""The Models page: what this computer can do, and what it could."""
