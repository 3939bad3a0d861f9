"""The ground in three dimensions, beside the map: the same plan, the same signs, the same selection."""
