"""Decides what the web server writes into its log of requests that it cannot read: addresses hold secrets."""

from __future__ import annotations

import logging

from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import RequestPayloadError

SERVER = "aiohttp.server"


class Discreet(logging.Filter):
    """Takes the beginning of the request out of a record, which the server's own error repeats, and what is no news."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without what was sent."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, (HttpProcessingError, RequestPayloadError)):
            record.msg, record.args = "A request could not be read: %s", (type(error).__name__,)
        elif isinstance(error, ConnectionError):  # whoever asked went away, as stopped tests do
            record.msg, record.args = "A request broke off: %s", (type(error).__name__,)
        else:
            return True
        record.exc_info = record.exc_text = None
        return True


def ensure() -> None:
    """Make the server's log discreet; doing it twice does it once."""
    log = logging.getLogger(SERVER)
    if not any(isinstance(one, Discreet) for one in log.filters):
        log.addFilter(Discreet())
