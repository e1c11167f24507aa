"""The stand-in for the deployment's HTTP gateway: its contract at two ages, and faults on demand."""
