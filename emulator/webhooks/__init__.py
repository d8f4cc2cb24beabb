"""Webhook endpoints, the outbox, and how events reach their receivers."""
