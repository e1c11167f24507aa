"""What k6 measured: parsed summaries and their exact merge. Pure."""
