"""Channels, arrivals, leads."""
