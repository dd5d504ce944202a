"""Payers, one file each."""
