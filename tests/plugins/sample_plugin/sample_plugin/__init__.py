"""A package of somebody else's that adds a model of propagation, an export format and a reader to CN Planner."""
