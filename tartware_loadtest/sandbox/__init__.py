"""The embedded stand-in for a Tartware deployment: database, gateway and consumer."""
