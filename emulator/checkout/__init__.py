"""Checkout sessions, payment links and quotes: what is offered to a customer, and what their yes makes of it."""
