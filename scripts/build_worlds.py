"""Writes fixtures/worlds/*.json: the stories of the worlds that come along (make worlds)."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from scripts.world_parts import Workshop
from scripts.world_schema import schema
from scripts.world_stories import STORIES

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


async def build(name: str) -> str:
    """Return the text of a world file."""
    settings, story = STORIES[name]
    shop = Workshop(name, settings)
    await shop.open()
    note = await story(shop)
    return json.dumps(await shop.document(note), indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the files, or with --check say whether they are what would be written."""
    parser = argparse.ArgumentParser(prog="python -m scripts.build_worlds", description=__doc__)
    parser.add_argument("worlds", nargs="*", help=f"which ({', '.join(STORIES)}); all without any")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 when a file is out of date")
    options = parser.parse_args()
    texts = {f"worlds/{name}.json": asyncio.run(build(name)) for name in options.worlds or STORIES}
    texts["world.schema.json"] = json.dumps(schema(), indent=1) + "\n"
    stale = []
    for name, text in texts.items():
        path = FIXTURES / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not options.check:
                path.write_text(text, encoding="utf-8")
    print("\n".join(f"{'out of date' if options.check else 'written'}: {name}" for name in stale) or "nothing to do")
    return int(options.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
