"""Decides which calls of the API webhook endpoints answer with behaviour of their own; reading them is generic."""

from __future__ import annotations

# Functions are named, not imported: a module is loaded when something of it is called for the first time.
OPERATIONS = {
    "PostWebhookEndpoints": "endpoints.create",
    "PostWebhookEndpointsWebhookEndpoint": "endpoints.update",
    "DeleteWebhookEndpointsWebhookEndpoint": "endpoints.delete",
    "webhooks:seed": "endpoints.seed",
    "events:retry": "resending.resend",
}

# What happens by itself: kind -> (its next instant, what is done then).
WAKEUPS = {
    "_delivery": ("retries.next_instant", "retries.wake"),
}
