"""Decides how the control API refuses: ``{"error": {"message", "param"?, "hint"?}}`` with a fitting 4xx."""

from __future__ import annotations

from emulator.kernel.documents import Doc


class ControlError(Exception):
    """A refusal of the control API."""

    def __init__(self, message: str, *, status: int = 400, param: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.param = param
        self.hint = hint

    def body(self) -> Doc:
        """Return the answer's body."""
        members = {"message": self.message, "param": self.param, "hint": self.hint}
        return {"error": {name: value for name, value in members.items() if value is not None}}


def unknown_members(names: list[str], known: list[str]) -> ControlError:
    """Build the refusal of members or query parameters that the call does not have."""
    hint = f"this call takes {', '.join(known)}" if known else "this call takes none"
    return ControlError(f"unknown: {', '.join(names)}", param=names[0], hint=hint)


def bad_value(name: str, wanted: str, *, hint: str | None = None) -> ControlError:
    """Build the refusal of a value that is not of the wanted kind."""
    return ControlError(f"{name} must be {wanted}", param=name, hint=hint)


def missing(name: str, *, hint: str | None = None) -> ControlError:
    """Build the refusal of a call without a member that it needs."""
    return ControlError(f"{name} is missing", param=name, hint=hint)


def unknown_world(key: str) -> ControlError:
    """Build the answer about a world that is not open."""
    hint = "GET /_emulator/worlds lists them; POST /_emulator/worlds makes one"
    return ControlError(f"no world is open for the key {key}", status=404, hint=hint)


def unknown_call(method: str, path: str) -> ControlError:
    """Build the answer to a URL that is no control call."""
    return ControlError(f"no such control call: {method} {path}", status=404, hint="GET /_emulator/ lists the calls")


def wrong_method(method: str, allowed: list[str]) -> ControlError:
    """Build the answer to a call with a method that it does not have."""
    return ControlError(f"{method} is not a method of this call", status=405, hint=f"it takes {', '.join(allowed)}")
