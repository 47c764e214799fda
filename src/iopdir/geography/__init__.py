"""Counties, places and demand points."""
