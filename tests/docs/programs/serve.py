"""Starts `stripe-emulator serve` as the documents say, waits until it serves, and ends it."""

from __future__ import annotations

import signal
import subprocess
import sys

command = [sys.executable, "-m", "emulator", *sys.argv[1:], "--port", "0"]
with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
    lines = []
    while server.stdout is not None and (line := server.stdout.readline()):
        lines.append(line)
        if line.startswith("Ctrl-C"):
            break
    server.send_signal(signal.SIGINT)
sys.stdout.writelines(lines)
raise SystemExit(0 if "http://" in "".join(lines) and server.returncode in (0, -signal.SIGINT) else 1)
