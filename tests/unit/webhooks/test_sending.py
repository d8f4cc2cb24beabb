"""https receivers: certificates are verified, also where the HTTP library was loaded without any."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# Started as the command starts: the library's own contexts know no certificates then.
SCRIPT = """
import asyncio, ssl, sys
from emulator.cli.serving import quick_start
with quick_start():
    from aiohttp import web
from emulator.webhooks.sending import Sender

async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    async def answer(request):
        return web.Response(text=str(len(await request.read())))
    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    sender = Sender(5)
    print(await sender.send(f"https://{sys.argv[3]}:{runner.addresses[0][1]}/", {}, b"hello"))
    await sender.close()
    await runner.cleanup()

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += [
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        str(folder / "key.pem"),
        "-out",
        str(folder / "cert.pem"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return folder / "cert.pem", folder / "key.pem"


def send(certificate: tuple[Path, Path], host: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, certificate), host],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: tuple[Path, Path]) -> None:
    answer = send(certificate, "localhost")
    assert "good=False" in answer
    assert "CERTIFICATE_VERIFY_FAILED" in answer


def test_one_that_the_system_trusts_is_taken(certificate: tuple[Path, Path]) -> None:
    answer = send(certificate, "localhost", SSL_CERT_FILE=str(certificate[0]))
    assert "good=True" in answer, answer
    assert "'body': '5'" in answer


def test_the_name_must_be_right_too(certificate: tuple[Path, Path]) -> None:
    answer = send(certificate, "127.0.0.1", SSL_CERT_FILE=str(certificate[0]))
    assert "good=False" in answer
    assert "CERTIFICATE_VERIFY_FAILED" in answer or "IP address mismatch" in answer
