"""Use cases for window and command line alike: open, edit, compute, import, export."""
