"""Run directories: written as the run goes, read again offline."""
