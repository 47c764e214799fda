"""What people hand on: maps, charts, pages."""
