"""Evaluations: the product's own engine, driven from outside on real input."""
