"""The official SDK against a server on a real port."""
