"""The plan, its edits, its history, equipment types, and its own checks. No files, no arrays of terrain."""
