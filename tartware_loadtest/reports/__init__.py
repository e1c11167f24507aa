"""One verdict in many forms: terminal, JSON, JUnit, Markdown."""
