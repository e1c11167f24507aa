"""Validates that a Tartware PMS deployment carries a command load."""

__version__ = "0.1.0"
