"""Memory: the timeline, the gallery, and what finds things in them."""
