"""The k6 scenario: command catalogue, mix, data pools and the rendered bundle. Pure."""
