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
# At most so many young collections are left out one after the other while none finds anything: what they would have
# found waits for the look at everything, and is little (15 times 1,500 objects).
MOST_LEFT_OUT = 15
OLDEST = 2  # the generation of a look at everything


class Collector:
    """Sets aside whatever outlives a young collection, and looks as often as there is something to find.

    Documents refer to each other in one direction and go when the last reference does: the collector finds nothing in
    them, and going through a growing world again and again took a sixth of the time of a subscription (measured). What
    was in the middle of something when it was set aside, and became a ring of garbage later, is found by a look at
    everything: never before several times as many young collections as the heap is worth, so that it costs no more than a
    part of the first look at each object.

    Most calls leave no rings at all, refused payments and closed connections do. So each young collection that finds
    nothing lets twice as many pass without a look, and one that finds something lets none pass (looking at all of them
    took a twentieth of the time of a subscription).
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        self.loop = loop
        self.rounds = 0
        self.next = LEAST_ROUNDS
        self.left_out = 0  # young collections since the last look
        self.trusted = 0  # how many may be left out

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
        passing = self.left_out < self.trusted and info["generation"] < OLDEST  # the same at start and stop
        if phase == "start":
            if passing:
                gc.freeze()  # nothing is left to look at
            return
        gc.freeze()
        if passing:
            self.left_out += 1
        else:
            self.left_out = 0
            self.trusted = 0 if info["collected"] else min(2 * self.trusted + 1, MOST_LEFT_OUT)
        if info["generation"] < OLDEST:
            self.rounds += 1
            if self.rounds == self.next:
                self.loop.call_soon_threadsafe(self.sweep)

    def sweep(self) -> None:
        """Look at everything once."""
        gc.unfreeze()
        gc.collect()
        self.rounds = 0
        self.next = max(LEAST_ROUNDS, ROUNDS_EACH * gc.get_freeze_count() // YOUNG)
