"""Candidates, optimiser, backhaul: the cheapest network that reaches the homes."""
