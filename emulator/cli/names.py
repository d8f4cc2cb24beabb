"""Decides which commands act on a running server; loads nothing, so that serving starts as quickly as before."""

from __future__ import annotations

# command -> what it is, for the help of the program; the rest is loaded when one of them is used.
COMMANDS = {
    "clock": "read and move a world's time",
    "worlds": "list, make, copy and forget worlds",
    "events": "read, follow, await and resend events",
    "deliveries": "read, await and replay webhook deliveries",
    "requests": "read the log of API calls",
    "mail": "read and await the mail that was sent",
    "faults": "let things go wrong",
    "acts": "let banks, authorities and customers act",
    "expect": "hold what came against what was expected",
    "portal": "open a customer's portal",
}
