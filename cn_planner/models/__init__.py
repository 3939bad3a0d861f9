"""Models of propagation, a module each: the loss of a path, the map of a tower, what it holds for, where it is from."""
