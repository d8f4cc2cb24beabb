"""The command line as a user meets it: what is wrong is one line and exit code 2."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
EMULATOR = [sys.executable, "-m", "emulator"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*EMULATOR, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """Start a server on a free port; gives the process, its address and what it said until it was up."""
    with subprocess.Popen(
        [*EMULATOR, "serve", "--port", "0", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said: list[str] = []
        for line in process.stdout:
            said.append(line.rstrip())
            if line.startswith("Ctrl-C"):
                break
        try:
            assert said, process.stderr.read() if process.stderr else ""
            yield process, next(line.split()[-1] for line in said if "API base" in line), said
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(10)


def fetch(url: str, data: bytes | None = None, key: str = "sk_test_demo") -> Any:
    request = urllib.request.Request(url, data, {"Authorization": f"Bearer {key}"})  # noqa: S310 - loopback only
    with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310 - loopback only
        return json.loads(reply.read())


@pytest.mark.parametrize(
    "arguments,message",
    [
        ((), "stripe-emulator: the following arguments are required: command"),
        (("fly",), "invalid choice: 'fly'"),
        (("serve", "--prot", "1"), "unrecognized arguments: --prot 1"),
        (
            ("clock", "step", "3d"),
            "stripe-emulator clock: argument action: invalid choice: 'step' (choose from 'now', 'advance'",
        ),
        (("clock", "--step", "3d"), "unrecognized arguments: --step 3d (see stripe-emulator clock now --help)"),
        (("serve", "--port", "99999"), "not a port: '99999'"),
        (("serve", "--port", "x"), "not a port: 'x'"),
        (("serve", "--keys", "sk_test_a,abc"), "not a key: 'abc'"),
        (("serve", "--host", "256.1.1.1"), "cannot listen on 256.1.1.1:12111"),
        (
            ("serve", "--port", "0", "--world", "nowhere"),
            "no world is called 'nowhere'; there are canceling, changing, discounted",
        ),
        (("serve", "--port", "0", "--world", "./missing.json"), "no world file ./missing.json"),
        (("serve", "--port", "0", "--world", "./pyproject.toml"), "./pyproject.toml: not JSON"),
        (("serve", "--port", "0", "--state", "/nowhere/state.json"), "cannot write /nowhere/state.json"),
        (
            ("serve", "--port", "0", "--base-url", "emulator:12111"),
            "--base-url: not the address of a server: 'emulator:12111'",
        ),
        (("serve", "--port", "0", "--base-url", "http://host/path"), "--base-url: not the address of a server"),
        (("serve", "--webhook", "localhost:4242"), "--webhook: not a URL: 'localhost:4242'"),
        (("serve", "--smtp", "localhost"), "--smtp: not a mail server: 'localhost'"),
        (("serve", "--smtp", "http://localhost:1025"), "--smtp: not a mail server"),
        (("serve", "--allowed-host", "http://a.example"), "--allowed-host: not a name: 'http://a.example'"),
        (("serve", "--allowed-host", "*."), "--allowed-host: not a name: '*.'"),
        (("serve", "--database", "postgresql://x"), "--database is not available yet"),
        (("serve", "--workers", "2"), "--workers is not available yet"),
        (("save-world", "x.json", "--url", "http://127.0.0.1:1"), "nothing answers at http://127.0.0.1:1"),
        (("save-world", "/nowhere/x.json"), "cannot write /nowhere/x.json"),
        (("load-world", "saas", "--url", "http://127.0.0.1:1"), "nothing answers at http://127.0.0.1:1"),
        (("load-world", "nowhere"), "no world is called 'nowhere'"),
        (("check-spec", "/nowhere.json"), "cannot read /nowhere.json"),
        (("check-spec", "pyproject.toml"), "pyproject.toml: not JSON"),
        (("check-spec", "fixtures/worlds/empty.json"), "not an OpenAPI document"),
    ],
)
def test_what_is_wrong_is_one_line(arguments: tuple[str, ...], message: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "address already in use" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", [(), ("serve",), ("save-world",), ("load-world",), ("check-spec",)])
def test_help(command: tuple[str, ...]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: stripe-emulator")


def test_version() -> None:
    assert run("--version").stdout == "stripe-emulator 0.1.0 (API 2026-10-28.endive)\n"


def test_the_built_in_tables_are_what_was_pinned() -> None:
    done = run("check-spec")
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("2026-10-28.endive: 703 operations, ")


def test_another_document_is_told_apart(tmp_path: Path) -> None:
    operation = {"operationId": "GetThings"}
    document = {"info": {"version": "x"}, "paths": {"/v1/things": {"get": operation}}, "components": {"schemas": {}}}
    (tmp_path / "spec.json").write_text(json.dumps(document))
    done = run("check-spec", str(tmp_path / "spec.json"))
    assert done.returncode == 1
    assert "only in the document: 1: GetThings" in done.stdout
    assert "only built in: 703: " in done.stdout


def test_serve_says_where_everything_is_and_stops_cleanly() -> None:
    with serving("--world", "saas", "--webhook", "record://kept") as (process, url, said):
        text = "\n".join(said)
        assert "secret key  sk_test_demo" in text
        assert f"inspector   {url}/_emulator/" in text
        assert f'base_addresses={{"api": "{url}"}}' in text
        assert "record://kept  signed with whsec_" in text
        link = next(line.split()[1] for line in said if line.strip().startswith("portal "))
        assert link.startswith(f"{url}/p/session/test_")
        assert fetch(f"{url}/v1/customers/cus_demo")["id"] == "cus_demo"
        secret = text.split("signed with ")[1].split()[0]
        rows = fetch(f"{url}/_emulator/deliveries", key="sk_test_another")["data"]
        assert rows == []
        fetch(f"{url}/v1/customers", b"name=Ada", key="sk_test_another")
        (row,) = fetch(f"{url}/_emulator/deliveries", key="sk_test_another")["data"]
        import stripe

        stripe.Webhook.construct_event(row["request"]["body"], row["request"]["headers"]["Stripe-Signature"], secret)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_links_begin_with_the_address_by_which_the_server_is_reached() -> None:
    with serving("--world", "saas", "--base-url", "https://emulator.example/") as (process, url, said):
        assert url == "https://emulator.example"
        assert process.poll() is None
    assert next(line.split()[1] for line in said if line.strip().startswith("portal")).startswith(f"{url}/p/session/")


def test_the_example_that_is_printed_works(tmp_path: Path) -> None:
    with serving() as (_, _url, said):
        start = next(place for place, line in enumerate(said) if line == "  import stripe")
        example = "\n".join(line[2:] for line in said[start : start + 5])
        done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "/p/session/test_" in done.stdout


def test_state_is_kept_from_one_run_to_the_next(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with serving("--state", str(state)) as (process, url, _):
        made = fetch(f"{url}/v1/customers", b"name=Ada")["id"]
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert json.loads(state.read_bytes())["customer"]["1"]["id"] == made
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
    with serving("--state", str(state)) as (_, url, _said):
        assert fetch(f"{url}/v1/customers/{made}")["name"] == "Ada"
        assert "customer.created" in [event["type"] for event in fetch(f"{url}/_emulator/events")["data"]]


def test_a_broken_state_file_is_told_and_left_alone(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text('{"customer": {"1": {"name": "Ada"}}}')
    done = run("serve", "--port", "0", "--state", str(state))
    assert done.returncode == 2
    assert done.stderr == f"stripe-emulator serve: {state}: customer.1: 'id' is a required property\n"
    assert state.read_text() == '{"customer": {"1": {"name": "Ada"}}}'


def test_a_world_travels_between_server_and_file(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    with serving() as (_, url, _said):
        made = fetch(f"{url}/v1/customers", b"name=Ada")["id"]
        done = run("save-world", str(file), "--url", url)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.endswith(f"of sk_test_demo to {file}\n")
        done = run("load-world", str(file), "--url", url, "--key", "sk_test_copy")
        assert (done.returncode, done.stderr) == (0, "")
        assert fetch(f"{url}/v1/customers/{made}", key="sk_test_copy")["name"] == "Ada"
        file.write_text('{"customer": {"1": {"id": "cus_1"}, "2": {"id": "cus_1"}}}')
        done = run("load-world", str(file), "--url", url)
        assert done.returncode == 2
        assert "customer.2.id: 'cus_1' is the id of customer.1 already" in done.stderr


def test_keys_restrict_who_may_call() -> None:
    with serving("--keys", "sk_test_one,sk_test_two") as (_, url, said):
        assert any("sk_test_one" in line for line in said)
        assert fetch(f"{url}/v1/customers", key="sk_test_two")["data"] == []
        with pytest.raises(urllib.error.HTTPError, match="401"):
            fetch(f"{url}/v1/customers", key="sk_test_three")
        with pytest.raises(urllib.error.HTTPError, match="401"):
            fetch(f"{url}/_emulator/clock", key="sk_test_three")


def test_the_quick_start_puts_the_environment_back() -> None:
    script = (
        "import gc, os, sys\n"
        "os.environ['SSL_CERT_FILE'] = '/mine.pem'; os.environ.pop('SSL_CERT_DIR', None)\n"
        "from emulator.cli.serving import quick_start\n"
        "assert 'aiohttp' not in sys.modules\n"
        "with quick_start():\n"
        "    assert os.environ['SSL_CERT_FILE'] == os.environ['SSL_CERT_DIR'] == '/dev/null' and not gc.isenabled()\n"
        "assert os.environ['SSL_CERT_FILE'] == '/mine.pem' and 'SSL_CERT_DIR' not in os.environ and gc.isenabled()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_reading_the_command_line_loads_nothing_heavy() -> None:
    script = (
        "import sys; sys.argv = ['x', '--version']\n"
        "from emulator.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'aiohttp', 'asyncio', 'orjson', 'requests', 'jsonschema', 'tinydb', 'jinja2', 'babel'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
