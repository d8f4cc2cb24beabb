"""The one door: every call, click, clock step and seed is executed here."""
