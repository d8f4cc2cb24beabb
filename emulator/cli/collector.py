"""Decides when the interpreter looks for garbage: what a server stores is looked through once, not again and again."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

# Containers made and not freed before the newest are looked through: so many that they are still in the processor's cache
# (measured: with ten thousand a look took four times as long for each, 7 % of a subscription).
YOUNG = 1500
# Young collections between two looks at everything: at the least, and for each one's worth of objects that are set aside.
# A million objects take a second, in which nobody is answered, and thousands of calls, refused ones too, left no ring (measured).
LEAST_ROUNDS, ROUNDS_EACH = 5200, 4


class Collector:
    """Sets aside whatever outlives a young collection.

    Documents refer to each other in one direction and go when the last reference does: the collector finds nothing in
    them, and going through a growing world again and again took a sixth of the time of a subscription (measured). What
    was in the middle of something when it was set aside, and became a ring of garbage later, is found by a look at
    everything: never before several times as many young collections as the heap is worth, so that it costs no more than a
    part of the first look at each object.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        self.loop = loop
        self.rounds = 0
        self.next = LEAST_ROUNDS

    def start(self) -> None:
        """Take over from the collector's own generations."""
        gc.freeze()
        gc.set_threshold(YOUNG)
        gc.callbacks.append(self.collected)
        gc.enable()

    def stop(self) -> None:
        """Leave the collector as it was found."""
        if self.collected in gc.callbacks:
            gc.callbacks.remove(self.collected)
        gc.unfreeze()

    def collected(self, phase: str, info: dict[str, int]) -> None:
        """Set aside what is left of a collection (a callback of the collector, in whatever thread made it begin)."""
        if phase != "stop":
            return
        gc.freeze()
        if info["generation"] == 0:
            self.rounds += 1
            if self.rounds == self.next:
                self.loop.call_soon_threadsafe(self.sweep)

    def sweep(self) -> None:
        """Look at everything once."""
        gc.unfreeze()
        gc.collect()
        self.rounds = 0
        self.next = max(LEAST_ROUNDS, ROUNDS_EACH * gc.get_freeze_count() // YOUNG)
