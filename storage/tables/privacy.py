"""Opt-outs, erasures."""
