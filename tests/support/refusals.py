"""What a call is refused with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.kernel.errors import StripeError

if TYPE_CHECKING:
    from collections.abc import Awaitable


async def refused(awaitable: Awaitable[Any]) -> StripeError:
    """Return the refusal that awaiting this ends with."""
    with pytest.raises(StripeError) as caught:
        await awaitable
    return caught.value
