"""Decides how the blocks of a page are run: each language by its own program, against a server of the page's own."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

from tests.docs.pages import ROOT, Block
from tests.support.live import LiveServer, free_port

PROGRAMS = Path(__file__).parent / "programs"
NODE = ROOT / ".cache" / "node"
NODE_PACKAGES = ("stripe", "@stripe/cli", "vitest", "@playwright/test")
CHROMIUM = Path("/usr/bin/chromium")
PLUGINS = ("emulator.testing.plugin", "pytest_asyncio.plugin", "xdist.plugin")
BROWSER = ("pytest_playwright.pytest_playwright",)
INI = "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\nfilterwarnings =\n    error\n"
# What a page of Python that drives a browser begins and ends with.
OPENING = """\
from playwright.sync_api import sync_playwright
_driver = sync_playwright().start()
_browser = _driver.chromium.launch({options})
page = _browser.new_page()
"""
CLOSING = "\n_browser.close()\n_driver.stop()\n"
PLAYWRIGHT = """\
import {{ defineConfig }} from "@playwright/test";
export default defineConfig({{ testDir: ".", testMatch: "*.spec.js", reporter: "list", use: {{ launchOptions: {options} }} }});
"""


class Shown:
    """The blocks of one page in a folder of their own, and the server that they talk to."""

    def __init__(self, blocks: list[Block], folder: Path, server: LiveServer) -> None:
        self.blocks = blocks
        self.folder = folder
        self.server = server
        self.app_port = free_port()
        self.namespace: dict[str, Any] = {"__name__": "__main__"}

    def code(self, block: Block) -> str:
        """Return a block's code for this server."""
        return block.at(self.server.port, self.app_port)

    def write(self) -> None:
        """Write the files that the page shows under their names, for the commands that use them."""
        for block in self.blocks:
            if block.title and block.language in ("python", "js", "json"):
                (self.folder / block.title).write_text(self.code(block), encoding="utf-8")

    # ------------------------------------------------------------------------------------------ Python
    def python(self, block: Block) -> None:
        """Run a block of Python in the page's namespace."""
        source = "\n" * block.line + self.code(block)  # line numbers of failures are those of the page
        exec(compile(source, str(block.page), "exec"), self.namespace)  # noqa: S102 - the documents are ours

    def close(self) -> None:
        """Let go of what the page made, connections that it left open too."""
        self.namespace.clear()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()

    def browser_python(self, blocks: list[Block]) -> None:
        """Run a page's Python that drives a browser, in a process of its own."""
        code = OPENING.format(options=_launch("executable_path={!r}, args=['--no-sandbox']"))
        code += "".join(self.code(block) + "\n" for block in blocks) + CLOSING
        (self.folder / "page.py").write_text(code, encoding="utf-8")
        self._run([sys.executable, "page.py"], blocks[0])

    # ------------------------------------------------------------------------------------------ shell, Node
    def shell(self, block: Block) -> None:
        """Run a block of shell with the command of this project on the path."""
        self._run(["bash", "-euo", "pipefail", "-c", self.code(block)], block)

    def node(self, blocks: list[Block]) -> None:
        """Run a page's JavaScript: files named ``*.test.js`` by vitest, ``*.spec.js`` by Playwright, the rest by node."""
        with contextlib.suppress(FileExistsError):
            (self.folder / "node_modules").symlink_to(NODE / "node_modules")
        (self.folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
        plain = [block for block in blocks if not block.title]
        if plain:
            (self.folder / "page.mjs").write_text("\n".join(map(self.code, plain)), encoding="utf-8")
            self._run(["node", "page.mjs"], plain[0])
        for block in blocks:
            if block.title and block.title.endswith(".test.js"):
                self._run(["node_modules/.bin/vitest", "run", "--no-cache", block.title], block)
            elif block.title and block.title.endswith(".spec.js"):
                options = _launch('{{ executablePath: "{}", args: ["--no-sandbox"] }}') or "{}"
                (self.folder / "playwright.config.js").write_text(PLAYWRIGHT.format(options=options), encoding="utf-8")
                self._run(["node_modules/.bin/playwright", "test", block.title], block)

    def _run(self, command: list[str], block: Block) -> None:
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment(), capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, f"{block.place}\n{self.code(block)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"

    def _environment(self) -> dict[str, str]:
        return {
            **suite_environment(),
            "PATH": os.pathsep.join([str(PROGRAMS), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHON": sys.executable,
            "PROGRAMS": str(PROGRAMS),
            "PROJECT": str(ROOT),
            "NODE_PACKAGES": str(NODE / "node_modules"),
            "EMULATOR_URL": self.server.url,
            "PYTEST_ADDOPTS": " ".join(f"-p {one}" for one in PLUGINS),
        }


def _launch(template: str) -> str:
    return template.format(str(CHROMIUM)) if CHROMIUM.exists() else ""


def suite_environment() -> dict[str, str]:
    """Return the environment of a suite that a reader writes: this project is installed, and nothing else of its tests."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def why_no_node() -> str | None:
    """Install what the documents use of npm, once, and say why it could not be done."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "there is no node or no npm here"
    if all((NODE / "node_modules" / name).is_dir() for name in NODE_PACKAGES):
        return None
    NODE.mkdir(parents=True, exist_ok=True)
    (NODE / "package.json").write_text('{"private": true}', encoding="utf-8")
    done = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", *NODE_PACKAGES],
        cwd=NODE,
        env={**os.environ, "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return None if done.returncode == 0 else f"npm install failed: {done.stderr[-300:]}"
