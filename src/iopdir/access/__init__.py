"""Distances turned into access: nearest, cost, standards, coverage, catchments, equity."""
