"""Decides where the data folders are: beside the package in a checkout, inside it in an installation."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def data_path(*parts: str) -> Path:
    """Return the path of a data file or folder, such as ``data_path("fixtures", "test_cards.json")``.

    The wheel carries ``fixtures`` and ``api_specs`` in ``emulator/_data``; a checkout has them at its root.
    Raises FileNotFoundError naming both places when there is no such thing in either.
    """
    places = (PACKAGE / "_data", PACKAGE.parent)
    for place in places:
        path = place.joinpath(*parts)
        if path.exists():
            return path
    looked = " nor ".join(str(place) for place in places)
    raise FileNotFoundError(f"{'/'.join(parts)} is neither in {looked}")
