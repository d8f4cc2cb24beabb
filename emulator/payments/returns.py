"""Decides how what was given back is changed: the return of a transfer or of a fee, which its parent shows in a list as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.kernel.documents import changed
from emulator.resources.updates import merge_map

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


class Shown(NamedTuple):
    """Objects of ``kind`` that stand in the list ``within`` of a parent, which they name as ``owner``."""

    kind: str
    within: str
    owner: str


async def update(ctx: Context, shown: Shown, parent_kind: str, parent: Doc, id: str, params: Doc) -> Doc:
    """Change the metadata of a return, in its parent's list too; raises the 404 of one that is of another parent."""
    before = await ctx.at_path(shown.kind, id)
    if before[shown.owner] != parent["id"]:
        raise ctx.missing_at_path(shown.kind, id)
    if "metadata" not in params:
        return before
    after = ctx.put(shown.kind, changed(before, metadata=merge_map(before["metadata"], params["metadata"])))
    known = parent[shown.within]
    data = [after if one["id"] == after["id"] else one for one in known["data"]]
    ctx.put(parent_kind, changed(parent, **{shown.within: {**known, "data": data}}))
    return after
