"""Viewshed, Fresnel clearance, path loss over an area; who serves whom."""
