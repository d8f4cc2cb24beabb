"""Decides how the mail that was sent is read at a terminal."""

from __future__ import annotations

from typing import Any

from emulator.cli import tables
from emulator.cli.instrument import DONE, UNMET, Options, call, given, listing, told
from emulator.cli.output import UsageError, complain, say
from emulator.cli.readers import waited
from emulator.cli.tables import instant

Doc = dict[str, Any]
MAILS: tables.Columns = (
    ("time", lambda row: instant(row["at"])),
    ("mail", lambda row: row["id"]),
    ("to", lambda row: row["to"]),
    ("code", lambda row: row["code"]),
    ("subject", lambda row: row["subject"]),
)


def listed(options: Options) -> int:
    """List mails."""
    return listing(
        options, call(options, "GET", "/mail", query=given(options, "to", "limit")), MAILS, "no mail was sent"
    )


def show(options: Options) -> int:
    """Show one mail; raises UsageError when there is none."""
    if options.id is not None:
        return _shown(options, call(options, "GET", f"/mail/{options.id}"))
    found = call(options, "GET", "/mail", query={**given(options, "to"), "limit": 1})["data"]
    if not found:
        raise UsageError("no mail was sent" + (f" to {options.to}" if "to" in options else ""))
    return _shown(options, found[0])


def wait(options: Options) -> int:
    """Wait for a mail."""
    mail = waited(options, "/mail/wait", given(options, "to", "since"))
    return UNMET if mail is None else _shown(options, mail)


def _shown(options: Options, mail: Doc) -> int:
    """Write a mail as a reader sees it; exit code 1 for one that has no code when that is what is wanted."""
    if options.code:
        if mail["code"] is None:
            complain(f"there is no code in {mail['id']} ({mail['subject']})")
            return UNMET
        say(mail["code"])
    elif options.json:
        tables.dump(mail)
    elif getattr(options, "html", False):
        say(mail["html"].rstrip())
    else:
        for name, value in (
            ("mail", mail["id"]),
            ("time", instant(mail["at"])),
            ("to", mail["to"]),
            ("subject", mail["subject"]),
        ):
            say(f"{name + ':':<9}{tables.text(value)}")
        say(f"\n{mail['text'].rstrip()}")
    return DONE


def clear(options: Options) -> int:
    """Forget mails."""
    answer = call(options, "DELETE", "/mail", query=given(options, "to"))
    to = f" to {options.to}" if "to" in options else ""
    return told(options, answer, f"cleared the mail{to} of {options.key}")
