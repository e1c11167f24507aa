"""The stand-in for the services that apply commands."""
