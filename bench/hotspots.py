"""Profiles the emulator in process: where the time of a request goes (python -m bench.hotspots GET /v1/...)."""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import sys
import time

from bench.load import Call, send_all
from bench.servers import ask, free_port


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.hotspots", description=__doc__)
    parser.add_argument("method", choices=["GET", "POST", "DELETE"])
    parser.add_argument("path", help="for example /v1/customers/cus_demo")
    parser.add_argument("body", nargs="?", default="", help="form-encoded parameters of a POST")
    parser.add_argument("--count", type=int, default=5000, help="how many requests (default 5000)")
    parser.add_argument("--world", default="saas")
    parser.add_argument("--sort", default="tottime", help="tottime, cumulative, calls ...")
    return parser.parse_args()


def load(port: int, options: argparse.Namespace) -> None:
    """Wait for the server and send the requests."""
    for _ in range(500):
        try:
            status, _, text = ask(port, options.method, options.path, options.body or None)
            break
        except OSError:
            time.sleep(0.02)
    else:
        status, text = 0, "the server did not come up"
    if status == 200:
        send_all(port, Call(options.method, options.path, [options.body] * options.count))
    else:
        print(f"{options.method} {options.path} answered {status}: {text}", file=sys.stderr)


async def serve(port: int, options: argparse.Namespace, profiler: cProfile.Profile) -> None:
    """Serve until the load is through, in this process and thread; only the load is profiled."""
    from aiohttp import web

    from emulator.app import Runner, build
    from emulator.config import Config

    runner = Runner(build(Config(port=port, world=options.world)), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    profiler.enable()
    await asyncio.to_thread(load, port, options)
    profiler.disable()
    await runner.cleanup()


def main() -> None:
    """Profile and print the fifty most expensive functions."""
    options = arguments()
    profiler = cProfile.Profile()
    asyncio.run(serve(free_port(), options, profiler))
    pstats.Stats(profiler).sort_stats(options.sort).print_stats(50)


if __name__ == "__main__":
    main()
