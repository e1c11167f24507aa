"""The whole job as a list of steps: prepare, check, run, judge, report."""
