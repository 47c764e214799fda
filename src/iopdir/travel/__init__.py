"""Who can get where, at what cost: origins, facilities, costs between them."""
