"""Starts k6 where it shall run, follows it, and stops it."""
