"""Exact geometry on arrays: no facility, no county."""
