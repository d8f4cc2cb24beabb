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


# Looks are counted by what they find: here by rings of which each batch of new objects holds some, or none.
TRUST = """
import asyncio, gc
from emulator.cli import collector

class Ring:
    def __init__(self):
        self.me = self

async def main():
    watch = collector.Collector(asyncio.get_running_loop())
    watch.start()
    kept, seen = [], []
    gc.callbacks.append(lambda phase, info: seen.append((watch.left_out > 0, info["collected"])) if phase == "stop" else None)
    while watch.rounds < 60:
        kept.append([{"of": [len(kept)]}])
    calm = list(seen)
    while watch.trusted:
        kept.append([{"of": [len(kept)]}])
        if len(kept) % 100 == 0:
            Ring()
    del seen[:]
    until = watch.rounds + 20
    while watch.rounds < until:
        kept.append([{"of": [len(kept)]}])
        if len(kept) % 100 == 0:
            Ring()
    print(sum(not passed for passed, _ in calm), sum(not passed for passed, _ in seen), sum(bool(n) for _, n in seen))

asyncio.run(main())
"""


def test_it_looks_as_often_as_there_is_something_to_find() -> None:
    done = subprocess.run([sys.executable, "-c", TRUST], capture_output=True, text=True, check=True, timeout=60)
    calm, looks, found = (int(word) for word in done.stdout.split())
    assert 5 <= calm <= 10  # of 60: after 0, 1, 3, 7, 15, 15 ... that were left out
    assert looks == found == 20  # of 20
