"""Decision: who it is, when someone came and went, what to answer, when to speak."""
