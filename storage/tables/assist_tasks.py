"""Assist tasks."""
