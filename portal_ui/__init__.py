"""Decides what the hosted pages look like: guests of the operations, drawn on the server."""
