"""What a profile needs: iterations, virtual users, CPU, memory, pools. Pure arithmetic."""
