"""Typed records at the boundary; no frames."""
