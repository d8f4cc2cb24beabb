"""The control API under ``/_emulator``: worlds, time, events, deliveries, settings."""
