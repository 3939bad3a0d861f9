"""Elevation sources, the Surface, path profiles."""
