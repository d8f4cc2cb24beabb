"""Decides how translations are kept: ``python -m portal_ui.catalogues extract|compile|check`` for those who translate.

``extract`` collects the messages of code and templates into every catalogue, ``compile`` makes the files that
are read at run time, ``check`` says what is missing. The catalogue of a variety holds only what differs from its language.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent
FOLDER = ROOT / "locales"
DOMAIN = "messages"
VARIETIES = frozenset({"en_GB", "en_CA", "es_419", "fr_CA", "zh_HK"})
_CHANGING = tuple(
    f'"{name}'.encode()
    for name in ("POT-Creation", "PO-Revision", "Generated-By", "Last-Translator", "Language-Team", "Report-Msgid")
)
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}}


def messages() -> Catalog:
    """Return all messages that the pages can say, each with the places that say it."""
    found = Catalog(project="stripe-emulator", charset="utf-8")
    for file, _line, message, comments, context in extract_from_dir(ROOT, METHODS, OPTIONS):
        found.add(message, None, [(f"portal_ui/{file}", 0)], auto_comments=comments, context=context)
    return found


def po(language: str) -> Path:
    """Return the file that translators of ``language`` edit."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """Return the catalogue of ``language``, an empty one when it is new."""
    if not po(language).exists():
        return Catalog(locale=language.replace("-", "_"), project="stripe-emulator", charset="utf-8")
    with po(language).open("rb") as file:
        return read_po(file, locale=language.replace("-", "_"))


def translated() -> list[str]:
    """Return the languages that have a catalogue."""
    return sorted(path.parent.parent.name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def missing(language: str, said: Catalog) -> list[str]:
    """Return which of the messages that are ``said`` the ``language`` has no words for, or only uncertain ones."""
    known = read(language)
    lacking = []
    for message in said:
        if not message.id or (language in VARIETIES and message.id not in known):
            continue
        own = known.get(message.id, message.context)
        words = own.string if own is not None else ""
        complete = all(words) if isinstance(words, (tuple, list)) else bool(words)
        if own is None or not complete or own.fuzzy:
            lacking.append(message.id if isinstance(message.id, str) else message.id[0])
    return lacking


def compiled(language: str) -> bytes:
    """Return the run-time form of a catalogue; the same catalogue gives the same bytes."""
    catalogue = read(language)
    catalogue.creation_date = catalogue.revision_date = datetime(2000, 1, 1, tzinfo=UTC)
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def write(language: str, catalogue: Catalog) -> None:
    """Write the catalogue of ``language``; the same catalogue gives the same file."""
    catalogue.header_comment = f"# {language}: translations of the hosted pages."
    catalogue.fuzzy = False
    out = BytesIO()
    write_po(out, catalogue, sort_output=True, include_lineno=False, width=0)
    # Who and when would change the file at every run, and the history knows them better.
    lines = [line for line in out.getvalue().splitlines(keepends=True) if not line.startswith(_CHANGING)]
    po(language).parent.mkdir(parents=True, exist_ok=True)
    po(language).write_bytes(b"".join(lines))


def extract(languages: list[str]) -> None:
    """Bring the catalogues of ``languages`` up to date with the messages; what is not said any more goes."""
    template = messages()
    for language in languages:
        catalogue = read(language)
        kept = {message.id for message in catalogue}
        catalogue.update(template, no_fuzzy_matching=True)
        if language in VARIETIES:
            for id in [message.id for message in template if message.id and message.id not in kept]:
                catalogue.delete(id)
        catalogue.obsolete.clear()
        write(language, catalogue)


def main(arguments: list[str]) -> int:
    """Run ``extract [language ...]``, ``compile`` or ``check``; returns the exit code."""
    act, *languages = arguments or ["help"]
    if act == "extract":
        extract(languages or translated())
    elif act == "compile":
        for language in translated():
            po(language).with_suffix(".mo").write_bytes(compiled(language))
    elif act == "check":
        said = messages()
        lacking = {language: missing(language, said) for language in translated()}
        sys.stdout.writelines(f"{language}: {message}\n" for language, found in lacking.items() for message in found)
        return 1 if any(lacking.values()) else 0
    else:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
