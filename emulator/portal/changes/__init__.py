"""A change of plan: what is offered and wished for, what it would cost, and the doing of it."""
