"""CN Planner: plan a community network, offline."""

__version__ = "0.1.0"
