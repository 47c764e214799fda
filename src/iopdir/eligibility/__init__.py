"""Heuristics that explain whom intensive outpatient care may suit, safety first."""
