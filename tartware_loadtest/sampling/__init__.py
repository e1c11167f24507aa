"""Samples IDs that belong together from the deployment's database."""
