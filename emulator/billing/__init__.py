"""Subscriptions and invoices: what is owed for which time, and how it is settled (see README.md)."""
