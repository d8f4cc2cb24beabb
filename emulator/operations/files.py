"""Decides what an uploaded file is remembered as, and who may see its content: whoever has a link, and all of a logo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from emulator.kernel.errors import invalid_request, resource_missing
from emulator.kernel.ids import fingerprint
from emulator.resources import contents, generic

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

LINK = "file_link"
SHARED = "_file_link"  # which link a secret address opens, by the secret's hash
SECRET_LENGTH = 40
# docs.stripe.com/api/file_links/create: what may be shared.
LINKABLE = frozenset(
    {
        "business_icon", "business_logo", "customer_signature", "dispute_evidence", "finance_report_run",
        "financial_account_statement", "identity_document_downloadable", "issuing_regulatory_reporting", "pci_document",
        "selfie", "sigma_scheduled_query", "tax_document_user_upload", "terminal_android_apk",
        "terminal_reader_splashscreen",
    }
)  # fmt: skip


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Store a file's facts, and the content of a small one; with a link when ``file_link_data`` asks for it."""
    del ids
    try:
        about = orjson.loads(str(params["file"]))
    except orjson.JSONDecodeError:
        about = {}
    if not isinstance(about, dict):
        about = {}
    id = ctx.new_id("file")
    doc = {
        "id": id,
        "object": "file",
        "created": ctx.now,
        "expires_at": None,
        "filename": about.get("filename"),
        "links": {"object": "list", "data": [], "has_more": False, "url": f"/v1/file_links?file={id}"},
        "purpose": params["purpose"],
        "size": about.get("size", len(params["file"])),
        "title": None,
        "type": about.get("type"),
        "url": f"{ctx.base_url}/v1/files/{id}/contents",
    }
    wish = params.get("file_link_data") or {}
    if wish.get("create"):
        link = await _link(ctx, doc, {name: value for name, value in wish.items() if name != "create"})
        doc["links"] = {**doc["links"], "data": [link]}
    ctx.put("file", doc)
    contents.keep(ctx, doc, params["file"])
    return doc


async def create_link(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Make an address under which a file can be had without a key (docs.stripe.com/api/file_links)."""
    del ids
    file = await ctx.need("file", params["file"], "file")
    if file["purpose"] not in LINKABLE:
        raise not_linkable(file["purpose"])
    return await _link(ctx, file, params)


async def update_link(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change until when a link opens its file (``now`` ends it at once), and its metadata; raises the 404 of the link."""
    link = await ctx.at_path(LINK, ids["link"], name="link")
    after = await generic.update(ctx, LINK, link, params)
    end = after["expires_at"]
    expired = end is not None and end <= ctx.now
    return after if after["expired"] == expired else ctx.put(LINK, {**after, "expired": expired})


async def _link(ctx: Context, file: Doc, params: Doc) -> Doc:
    secret = ctx.token(SECRET_LENGTH)
    url = f"{ctx.base_url}/links/{secret}"
    link = await generic.create(ctx, LINK, params, file=file["id"], url=url, expired=False, livemode=ctx.livemode)
    ctx.put(SHARED, {"id": fingerprint(secret), "link": link["id"]})
    return link


async def shared(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``file:link`` (secret): the content behind a link as ``data``, its ``type`` when it is a picture; 404 else."""
    row = await ctx.find(SHARED, fingerprint(str(params["secret"])))
    link = await ctx.find(LINK, row["link"]) if row else None
    if link is None or link["expired"] or (link["expires_at"] is not None and link["expires_at"] <= ctx.server_now):
        raise nothing_here()
    return await _content(ctx, link["file"])


async def picture(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``file:picture`` (file): a logo or an icon, which everybody may see; 404 for every other file."""
    file = await ctx.find("file", str(params["file"]))
    if file is None or file["purpose"] not in {"business_icon", "business_logo"}:
        raise nothing_here()
    found = await _content(ctx, file["id"])
    if found["type"] is None:
        raise nothing_here()
    return found


async def _content(ctx: Context, id: str) -> Doc:
    found = await contents.content(ctx, id)
    if found is None:
        raise nothing_here()
    return {"data": found[0], "type": found[1]}


def nothing_here() -> Exception:
    """Build the refusal of an address without a file behind it."""
    return resource_missing("file", "", param="file", status=404)


def not_linkable(purpose: str) -> Exception:
    """Build the refusal of a link to a file that is nobody else's business; words are a choice."""
    return invalid_request(f"Files with the purpose `{purpose}` cannot be linked to.", param="file")
