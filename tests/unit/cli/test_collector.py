"""The collector looks at what a server keeps once; rings of garbage are found all the same."""

import subprocess
import sys

import pytest

from emulator.cli import collector

# In a process of its own: the collector is one for the whole interpreter.
PROGRAM = """
import asyncio, gc, weakref
from emulator.cli import collector

class Ring:
    def __init__(self):
        self.me = self

async def main():
    watch = collector.Collector(asyncio.get_running_loop())
    watch.start()
    kept, ring = [], Ring()
    gone = weakref.ref(ring)
    while watch.rounds < 2:
        kept.append([{"of": [len(kept)]}])
    before = gc.get_count()[0]
    set_aside = gc.get_freeze_count()
    del ring
    gc.collect()
    still_there = gone() is not None
    watch.next = watch.rounds + 1
    while watch.rounds:
        kept.append([{"of": [len(kept)]}])
        await asyncio.sleep(0)
    print(still_there, gone() is None, set_aside > 2 * collector.YOUNG, len(gc.get_objects()) < collector.YOUNG)
    {act}
    watch.stop()
    print(gc.get_freeze_count())

asyncio.run(main())
"""


def run(act: str = "") -> list[str]:
    """Return what the program prints."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("{act}", act)], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.split()


def test_a_ring_that_was_set_aside_is_found_by_the_next_look_at_everything() -> None:
    still_there, found, set_aside, few_left, frozen = run()
    assert (still_there, found) == ("True", "True")
    assert (set_aside, few_left) == ("True", "True")
    assert frozen == "0"


@pytest.mark.parametrize("objects", [0, 3_000_000])
def test_the_next_look_waits_for_as_much_as_there_is(objects: int) -> None:
    lines = run(f"kept += [[] for _ in range({objects})]; watch.sweep(); print(watch.next)")
    expected = max(collector.LEAST_ROUNDS, collector.ROUNDS_EACH * objects // collector.YOUNG)
    assert expected <= int(lines[4]) <= expected + 200
