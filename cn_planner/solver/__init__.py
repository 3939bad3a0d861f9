"""From an abstract instance to a solution with a bound; knows no plan and no terrain."""
