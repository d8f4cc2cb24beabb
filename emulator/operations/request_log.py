"""Decides how much of the calls that were made is remembered: the latest of them, and of their bodies only so many bytes."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.kernel.documents import Doc

CALLS_KEPT = 2000
ANSWER_BYTES = 64 * 1024  # of one answer; what is longer is cut there
ANSWERS_BYTES = 16 * 1024 * 1024  # of all answers together; the oldest ones go first, their calls stay
PARAMS_BYTES = 64 * 1024  # of one call's body; the parameters of a longer one are not kept


class RequestRecord(NamedTuple):
    """One API call as the control API shows it; ``answer_bytes`` is how long its answer was before it was cut.

    ``answer`` is its body, or the document that the body was the print of: it is there anyway, and printed again when it is
    looked at.
    """

    id: str
    at: int
    method: str
    path: str
    params: Any
    status: int
    duration_ms: float
    idempotency_key: str | None
    api_version: str
    error: str | None
    key: str
    answer: bytes | Doc
    answer_bytes: int
    params_cut: bool = False

    @property
    def body(self) -> bytes:
        """What was answered, as far as it is kept."""
        answer = self.answer
        return answer if isinstance(answer, bytes) else orjson.dumps(answer, option=orjson.OPT_INDENT_2)

    @property
    def truncated(self) -> list[str]:
        """Which of ``params`` and ``answer`` is not here as it was."""
        cut = (("params", self.params_cut), ("answer", _size(self) < self.answer_bytes))
        return [name for name, is_cut in cut if is_cut]


def _size(record: RequestRecord) -> int:
    answer = record.answer
    return len(answer) if answer.__class__ is bytes else record.answer_bytes


class RequestLog(deque[RequestRecord]):
    """The latest calls; ``hear`` is told of each, while somebody follows."""

    def __init__(
        self, *, calls: int = CALLS_KEPT, answer_bytes: int = ANSWER_BYTES, answers_bytes: int = ANSWERS_BYTES
    ) -> None:
        super().__init__()
        self.hear: Callable[[RequestRecord], None] | None = None
        self._calls = calls
        self._answer_bytes = answer_bytes
        self._answers_bytes = answers_bytes
        self._held = 0  # bytes of all answers that are here
        self._bare = 0  # how many of the oldest calls have lost their answers

    def append(self, record: RequestRecord) -> None:
        """Log a call; done for every request, and therefore without a detour."""
        size = record.answer_bytes
        if size > self._answer_bytes:
            record = record._replace(answer=record.body[: self._answer_bytes])
            size = self._answer_bytes
        if len(self) == self._calls:
            size -= _size(self.popleft())
            if self._bare:
                self._bare -= 1
        deque.append(self, record)
        self._held += size
        if self._held > self._answers_bytes:
            self._forget_answers()
        if self.hear is not None:
            self.hear(record)

    def _forget_answers(self) -> None:
        """Make room: the oldest answers go, the latest stays."""
        while self._held > self._answers_bytes and self._bare < len(self) - 1:
            oldest = self[self._bare]
            self._held -= _size(oldest)
            self[self._bare] = oldest._replace(answer=b"")
            self._bare += 1

    def forget(self, key: str) -> None:
        """Forget the calls of a world's key."""
        kept = [record for record in self if record.key != key]
        self.clear()
        self.extend(kept)
        self._held = sum(_size(record) for record in kept)
        self._bare = next((place for place, one in enumerate(kept) if one.answer), len(kept))
