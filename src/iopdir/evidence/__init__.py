"""The document's statistics, each with source, computation and verdict."""
