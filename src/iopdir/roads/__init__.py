"""Road networks on arrays: read, contracted, searched and saved."""
