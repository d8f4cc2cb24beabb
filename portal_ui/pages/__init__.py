"""What the addresses answer: one module per task."""
