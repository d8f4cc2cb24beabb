"""Decides what happens to money: cards, payment methods, intents, charges, refunds and their fees."""
