"""Checks what a user installs and starts: the wheel, the Makefile, the container file."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
START_LIMIT = 60.0


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def fetch(url: str, data: bytes | None = None) -> Any:
    request = urllib.request.Request(url, data, {"Authorization": "Bearer sk_test_demo"})  # noqa: S310 - loopback only
    with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310 - loopback only
        return json.loads(reply.read())


@contextmanager
def served(command: list[str], port: int, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a server in a process group of its own, wait for its health, end it with Ctrl-C."""
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=environment | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            limit = time.monotonic() + START_LIMIT
            while True:
                try:
                    assert fetch(f"http://127.0.0.1:{port}/_emulator/health")["status"] == "ok"
                    break
                except (OSError, urllib.error.URLError):
                    if process.poll() is not None or time.monotonic() > limit:
                        os.killpg(process.pid, signal.SIGKILL)
                        output = process.stdout.read() if process.stdout else ""
                        pytest.fail(f"{command} did not come up: {output}")
                    time.sleep(0.05)
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    raise


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, timeout=300)
    return next(folder.glob("stripe_emulator-*.whl"))


@pytest.mark.slow
def test_the_wheel_carries_its_data_and_two_import_names(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/", maxsplit=1)[0] for name in names if ".dist-info/" not in name}
    assert tops == {"emulator", "portal_ui"}
    for world in ("empty", "saas"):
        assert f"emulator/_data/fixtures/worlds/{world}.json" in names
    assert any(re.fullmatch(r"emulator/_data/api_specs/\d{4}-\d\d-\d\d\.\w+\.json", name) for name in names)
    assert [name for name in names if "_data" in name and name.endswith(".py")] == []
    in_checkout = {
        path.relative_to(ROOT).as_posix()
        for folder in ("emulator", "portal_ui")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert in_checkout - set(names) == set()


@pytest.mark.slow
def test_the_installed_wheel_serves_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "installed"
    venv.create(place)
    # The pip of this environment fills the new one; it leaves compiling to the interpreter, which does it for what is used.
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(place / "bin" / "python"),
        "install",
        "--no-compile",
        "--quiet",
    ]
    subprocess.run([*install, str(wheel)], check=True, timeout=300)
    port = free_port()
    command = [str(place / "bin" / "stripe-emulator"), "serve", "--port", str(port)]
    with served(command, port, tmp_path) as process:
        customer = fetch(f"http://127.0.0.1:{port}/v1/customers", b"name=Ada&email=ada%40example.com")
        assert customer["id"].startswith("cus_")
        assert customer["name"] == "Ada"
        session = fetch(f"http://127.0.0.1:{port}/v1/billing_portal/sessions", f"customer={customer['id']}".encode())
        with urllib.request.urlopen(session["url"], timeout=20) as page:  # noqa: S310 - loopback only
            assert page.status == 200
            assert "<html" in page.read().decode()
    assert process.returncode == 0


@pytest.mark.slow
def test_make_demo_says_where_it_is_and_stops_cleanly() -> None:
    port = free_port()
    with served(["make", "demo", f"PORT={port}"], port, ROOT) as process:
        base = f"http://127.0.0.1:{port}"
        assert fetch(f"{base}/v1/customers/cus_demo")["email"] == "jenny@example.com"
    output = process.stdout.read() if process.stdout and not process.stdout.closed else ""
    assert process.returncode in {0, -signal.SIGINT, 2, 130}
    assert "Traceback" not in output


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_make_without_a_target_lists_them() -> None:
    told = make().stdout
    for target in ("demo", "test", "lint", "bench", "coverage", "worlds", "api-specs"):
        assert f"make {target}" in told


@pytest.mark.parametrize("target", ["demo", "test", "lint", "bench", "coverage", "worlds", "format", "clean"])
def test_make_targets_can_be_planned(target: str) -> None:
    assert make("--dry-run", target).returncode == 0


def test_without_python_there_is_one_clear_sentence() -> None:
    done = make("venv", PYTHON="python-that-is-not-there")
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed, and there is no 'python-that-is-not-there' here." in done.stderr


def test_api_specs_wants_a_source() -> None:
    done = make("api-specs", SOURCE="")
    assert done.returncode == 2
    assert "Say which document" in done.stderr


def test_the_dockerfile_passes_hadolint() -> None:
    command = [str(Path(sys.executable).parent / "hadolint"), str(ROOT / "docker" / "Dockerfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout


def test_the_container_serves_what_make_demo_serves() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "stripe-emulator serve --world saas" in makefile
    assert '"serve"' in DOCKERFILE
    assert '"--world", "saas"' in DOCKERFILE
    assert "EXPOSE 12111" in DOCKERFILE
    assert re.search(r"^PORT \?= 12111$", makefile, re.MULTILINE)


def test_the_container_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    assert "HEALTHCHECK" in DOCKERFILE


def test_everything_that_the_dockerfile_copies_is_there() -> None:
    copied = [name for line in re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()]
    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_ci_runs_the_linters_and_the_tests() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text(encoding="utf-8")
    assert "make -k lint" in text
    assert "make test" in text
