"""From raw rows to clean facilities, with an account of every change."""
