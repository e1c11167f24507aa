"""What is checked before the first load."""
