"""The layers of the map, one module a kind, and the list of them that a panel shows."""
