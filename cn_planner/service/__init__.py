"""The one judge: who is served, by whom, at what rate, why not, at which height."""
