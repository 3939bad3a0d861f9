"""What things cost, what they draw, and what they cost over the years."""
