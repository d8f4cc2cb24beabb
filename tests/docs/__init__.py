"""The documents are run: what they show works."""
