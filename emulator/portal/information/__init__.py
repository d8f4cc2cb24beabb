"""Billing information and tax ids: what may be changed and how it is checked."""
