"""The ground in three dimensions, beside the map: the same plan, the same colours, the same selection."""
