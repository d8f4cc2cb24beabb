"""Decides what a shell completes: commands, their actions and their options, as they are at this moment."""

from __future__ import annotations

import argparse
from typing import Any

BASH = """\
_stripe_emulator() {{
    local words
    case "${{COMP_WORDS[1]}}" in
{cases}
        *) words="{commands}" ;;
    esac
    [ "$COMP_CWORD" -eq 1 ] && words="{commands}"
    COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _stripe_emulator stripe-emulator"""
ZSH = """\
#compdef stripe-emulator
autoload -U +X bashcompinit && bashcompinit
{bash}"""


def script(shell: str, *parsers: argparse.ArgumentParser) -> str:
    """Return the completion script of a shell for the commands of all parsers; a later one says what an earlier one only names."""
    words = dict(sorted({name: found for parser in parsers for name, found in _of(parser).items()}.items()))
    if shell == "fish":
        lines = [f"complete -c stripe-emulator -f -n __fish_use_subcommand -a {name}" for name in words]
        lines += [
            f"complete -c stripe-emulator -f -n '__fish_seen_subcommand_from {name}' -a '{' '.join(found)}'"
            for name, found in words.items()
            if found
        ]
        return "\n".join(lines)
    cases = "\n".join(f'        {name}) words="{" ".join(found)}" ;;' for name, found in words.items())
    bash = BASH.format(cases=cases, commands=" ".join(words))
    return ZSH.format(bash=bash) if shell == "zsh" else bash


def _of(parser: argparse.ArgumentParser) -> dict[str, list[str]]:
    return {name: sorted({*_choices(one), *_options(one)}) for name, one in _parsers(parser).items()}


def _parsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    found: dict[str, argparse.ArgumentParser] = {}
    for action in _actions(parser):
        if isinstance(action.choices, dict):
            found.update(action.choices)
    return found


def _choices(parser: argparse.ArgumentParser) -> list[str]:
    return [
        str(one)
        for action in _actions(parser)
        if action.choices and not action.option_strings
        for one in action.choices
    ]


def _options(parser: argparse.ArgumentParser) -> list[str]:
    own = [name for action in _actions(parser) for name in action.option_strings if name.startswith("--")]
    return own + [name for one in _parsers(parser).values() for name in _options(one)]


def _actions(parser: argparse.ArgumentParser) -> list[Any]:
    return list(parser._actions)  # noqa: SLF001 - argparse has no other way to ask a parser what it knows
