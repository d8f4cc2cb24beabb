"""Decides how names that run from right to left stand in a sentence that does not."""

from __future__ import annotations

import unicodedata

# Unicode's "first strong isolate" and its end: what is between them does not turn the amounts beside it around.
START, END = "\u2068", "\u2069"
RIGHT_TO_LEFT = frozenset({"R", "AL"})


def isolated(name: str) -> str:
    """Return a name so that the words, signs and figures around it keep their places."""
    if name.isascii() or not any(unicodedata.bidirectional(sign) in RIGHT_TO_LEFT for sign in name):
        return name
    return f"{START}{name}{END}"
