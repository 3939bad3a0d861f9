"""Dialogs beside the window: settings, a new plan, sharing, which data, keys. None of them stops the window."""
