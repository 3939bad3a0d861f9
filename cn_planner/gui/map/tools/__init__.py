"""What the pointer does on the map, one module a kind of work."""
