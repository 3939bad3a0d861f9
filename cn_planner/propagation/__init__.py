"""One loss a module, named after what it computes."""
