"""The log of calls: how many, how much of each, and what is told of what was cut."""

from __future__ import annotations

from typing import Any

from emulator.operations import request_log
from emulator.operations.request_log import RequestLog, RequestRecord


def call(id: int, answer: bytes, *, key: str = "sk_test_a") -> RequestRecord:
    return RequestRecord(
        f"req_{id}", 0, "GET", "/v1/charges", None, 200, 1.0, None, "v", None, key, answer, len(answer)
    )


def held(log: RequestLog) -> list[tuple[str, int]]:
    return [(record.id, len(record.answer)) for record in log]


def test_the_latest_calls_are_kept() -> None:
    log = RequestLog(calls=3)
    for number in range(10):
        log.append(call(number, b"{}"))
    assert [record.id for record in log] == ["req_7", "req_8", "req_9"]


def test_a_long_answer_is_cut_and_says_so() -> None:
    log = RequestLog(answer_bytes=10)
    log.append(call(1, b"x" * 10))
    log.append(call(2, b"x" * 11))
    assert held(log) == [("req_1", 10), ("req_2", 10)]
    assert [record.truncated for record in log] == [[], ["answer"]]
    assert log[1].answer_bytes == 11


def test_the_oldest_answers_go_when_all_together_are_too_long() -> None:
    log = RequestLog(calls=4, answer_bytes=10, answers_bytes=25)
    for number in range(4):
        log.append(call(number, b"x" * 10))
    assert held(log) == [("req_0", 0), ("req_1", 0), ("req_2", 10), ("req_3", 10)]
    for number in range(4, 9):
        log.append(call(number, b"x" * 10))
        assert [size for _, size in held(log)] == [0, 0, 10, 10]
    log.append(call(9, b""))
    assert held(log) == [("req_6", 0), ("req_7", 10), ("req_8", 10), ("req_9", 0)]
    assert [record.truncated for record in log] == [["answer"], [], [], []]


def test_a_forgotten_world_makes_room() -> None:
    log = RequestLog(calls=10, answer_bytes=10, answers_bytes=25)
    for number in range(6):
        log.append(call(number, b"x" * 10, key="sk_test_ab"[: 9 + number % 2]))
    log.forget("sk_test_a")
    assert held(log) == [("req_1", 0), ("req_3", 0), ("req_5", 10)]
    log.append(call(6, b"x" * 10))
    assert held(log)[-2:] == [("req_5", 10), ("req_6", 10)]
    log.append(call(7, b"x" * 10))
    assert held(log)[-3:] == [("req_5", 0), ("req_6", 10), ("req_7", 10)]


def test_what_it_may_hold_in_all() -> None:
    """However large answers are, what is held of them stays below the limit."""
    log = RequestLog()
    big = b"{" + b"x" * (4 * 1024 * 1024) + b"}"
    for number in range(400):
        log.append(call(number, big))
    assert sum(len(record.answer) for record in log) <= request_log.ANSWERS_BYTES
    assert len(log[-1].answer) == request_log.ANSWER_BYTES


async def test_cut_bodies_are_told_by_the_control_api(api: Any) -> None:
    names = {f"metadata[k{number}]": "x" * 480 for number in range(50)}
    made = [(await api.post("/v1/customers", names)).json["id"] for _ in range(4)]
    await api.ok("GET", "/v1/customers", {"limit": 100})
    assert len(made) == 4
    small, big = (await api.ok("GET", "/_emulator/requests"))["data"][-2:]
    assert (small["truncated"], big["truncated"]) == ([], ["answer"])
    one = await api.ok("GET", f"/_emulator/requests/{big['id']}")
    assert one["answer_bytes"] > request_log.ANSWER_BYTES == len(one["answer"])
    assert one["answer"].startswith('{\n  "object": "list"')


async def test_parameters_that_are_too_long_are_not_kept(api: Any) -> None:
    refused = await api.post("/v1/customers", {"name": "x" * (request_log.PARAMS_BYTES + 1)})
    assert refused.status == 400
    row = (await api.ok("GET", "/_emulator/requests"))["data"][-1]
    assert (row["params"], row["truncated"], row["status"]) == (None, ["params"], 400)


async def test_of_a_file_only_what_is_told_of_it_is_logged(api: Any) -> None:
    from aiohttp import FormData

    form = FormData()
    form.add_field("purpose", "dispute_evidence")
    form.add_field("file", b"%PDF-" + b"x" * 200_000, filename="proof.pdf", content_type="application/pdf")
    headers = {"Authorization": f"Bearer {api.key}"}
    async with api.client.post("/v1/files", data=form, headers=headers) as answer:
        assert answer.status == 200
    record = api.engine.requests[-1]
    assert type(record.params["file"]) is str
    assert "proof.pdf" in record.params["file"]
    assert record.truncated == []
