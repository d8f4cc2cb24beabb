"""Decides which calls of the API webhook endpoints answer with behaviour of their own; reading them is generic."""

from __future__ import annotations

from emulator.webhooks import endpoints, outbox, resending, retries

OPERATIONS = {
    "PostWebhookEndpoints": endpoints.create,
    "PostWebhookEndpointsWebhookEndpoint": endpoints.update,
    "DeleteWebhookEndpointsWebhookEndpoint": endpoints.delete,
    # Not of the description: what `serve --webhook URL` asks for in every new world.
    "webhooks:seed": endpoints.seed,
    # Beside the description: `stripe events resend`.
    "events:retry": resending.resend,
}

WAKEUPS = {outbox.KIND: (retries.next_instant, retries.wake)}
