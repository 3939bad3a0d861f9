"""Channels, interference, and what a link carries on its channel."""
