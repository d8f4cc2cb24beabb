"""Whole lives of subscriptions on test clocks: what is to be announced is named before the act."""
