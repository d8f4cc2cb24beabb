"""Stripe's billing API and hosted customer portal, on localhost."""

from __future__ import annotations

__version__ = "0.1.0"
API_VERSION = "2026-10-28.endive"
