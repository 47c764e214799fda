"""A directory: an immutable, validated collection of facilities."""
