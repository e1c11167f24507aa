"""PASS, FAIL or INVALID, from criteria and validity. Pure."""
