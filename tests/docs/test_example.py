"""The example application and receiver of docker/compose.yaml work against the emulator, and compose says what they need."""

from __future__ import annotations

import importlib.util
import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server

from tests.docs.pages import ROOT
from tests.support.live import LiveServer

EXAMPLE = ROOT / "docker" / "example"


def program(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def server() -> Iterator[LiveServer]:
    made = LiveServer(world="saas")
    made.start()
    yield made
    made.stop()


def test_the_app_shows_the_plan_and_leads_to_the_portal(server: LiveServer) -> None:
    app = program("app").app
    app.config["STRIPE_API_BASE"] = server.url
    with app.test_client() as browser:
        assert "sub_demo: active" in browser.get("/").text
        answer = browser.post("/billing")
    assert answer.status_code == 303
    assert answer.location.startswith(f"{server.url}/p/session/")
    assert requests.get(answer.location, timeout=10).status_code == 200


def test_the_receiver_registers_and_takes_what_is_signed(server: LiveServer, caplog: pytest.LogCaptureFixture) -> None:
    receiver = program("receiver")
    listening = make_server("127.0.0.1", 0, receiver.app)
    receiver.app.config.update(STRIPE_API_BASE=server.url, URL=f"http://127.0.0.1:{listening.server_port}/webhook")
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    key = {"Authorization": "Bearer sk_test_demo"}
    try:
        assert receiver.app.test_cli_runner().invoke(args=["register"]).exit_code == 0
        requests.post(f"{server.url}/v1/customers", data={"name": "Ada"}, headers=key, timeout=10)
        url = f"{server.url}/_emulator/deliveries/wait?type=customer.created&status=succeeded"
        delivery = requests.get(url, headers=key, timeout=20).json()["data"][0]
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
    assert delivery["response"]["status"] == 204
    assert any("customer.created" in record.getMessage() for record in caplog.records)
    with receiver.app.test_client() as stranger:
        assert stranger.post("/webhook", data=json.dumps({})).status_code == 400


def test_compose_names_what_is_there() -> None:
    text = (ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8")
    assert re.findall(r"^  ([a-z-]+):$", text, re.MULTILINE) == ["stripe-emulator", "app", "receiver"]
    for prefix, name in (("APP", "app"), ("RECEIVER", "receiver")):
        config = program(name).app.config
        for setting in re.findall(rf"{prefix}_([A-Z_]+):", text):
            assert setting in config
    assert (EXAMPLE / "Dockerfile").exists()
    assert re.findall(r"dockerfile: (\S+)", text) == ["docker/Dockerfile"]
