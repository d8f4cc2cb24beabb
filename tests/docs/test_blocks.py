"""Every Python, shell and Node block of the documents is run, and does what its page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.docs import running, suites
from tests.docs.pages import CHECKED, FENCE, PAGES, RUN, SHOWN, Block, blocks_of, name_of, with_language, with_tests
from tests.support.live import LiveServer

pytestmark = pytest.mark.xdist_group("docs")  # one worker runs the tests of the pages once
Told = dict[str, tuple[int, str]]


NODE = re.compile(r"(?m)^\s*(stripe|npm|npx) ")  # the official command line comes by npm too


@pytest.fixture
def shown(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[running.Shown]:
    """A page with a server of its own, which serves what the documents say that is served."""
    server = LiveServer(world="saas")
    server.start()
    made = running.Shown(blocks_of(request.param), tmp_path, server)
    made.write()
    yield made
    made.close()
    server.stop()


@pytest.fixture(scope="module", autouse=True)
def running_suites(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Told]]]:
    """The suites of the pages, begun at once: they run in processes of their own while the other blocks are tried."""
    asked = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    with ThreadPoolExecutor(1) as pool:
        begun: dict[str, Future[Told]] = {}
        for name, browser in (("told", False), ("told_by_browser", True)):
            if name in asked:
                folder = tmp_path_factory.mktemp("docs") / name
                begun[name] = pool.submit(suites.run, folder, with_tests(browser=browser), browser=browser)
        yield begun


@pytest.fixture(scope="module")
def told(running_suites: dict[str, Future[Told]]) -> Told:
    return running_suites["told"].result()


@pytest.fixture(scope="module")
def told_by_browser(running_suites: dict[str, Future[Told]]) -> Told:
    return running_suites["told_by_browser"].result()


def _need_node() -> None:
    if reason := running.why_no_node():
        pytest.skip(reason)


def of_pages(pages: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("shown", pages, ids=name_of, indirect=True)


def scripts() -> list[Path]:
    return [page for page in PAGES if any(block.language == "sh" or block.is_script for block in blocks_of(page))]


@of_pages(scripts())
def test_python_and_shell(shown: running.Shown) -> None:
    if any(block.language == "sh" and NODE.search(block.code) for block in shown.blocks):
        _need_node()
    scripts = [block for block in shown.blocks if block.is_script]
    browser = any(block.drives_browser for block in scripts)
    for block in shown.blocks:
        if block.language == "sh":
            shown.shell(block)
        elif block.is_script and not browser:
            shown.python(block)
    if browser:
        shown.browser_python(scripts)


@of_pages(with_language("js"))
def test_blocks_for_node_run(shown: running.Shown) -> None:
    _need_node()
    shown.node([block for block in shown.blocks if block.language == "js"])


@pytest.mark.parametrize("document", with_tests(browser=False), ids=name_of)
def test_suites_of_a_document_pass(document: Path, told: Told) -> None:
    passed, failures = told[suites.module_of(document)]
    assert not failures, failures
    assert passed > 0


@pytest.mark.parametrize("document", with_tests(browser=True), ids=name_of)
def test_suites_with_a_browser_pass(document: Path, told_by_browser: Told) -> None:
    passed, failures = told_by_browser[suites.module_of(document)]
    assert not failures, failures
    assert passed > 0


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_no_block_escapes(document: Path) -> None:
    """Code cannot hide behind another name of its language, or in a fence that is written otherwise."""
    for block in blocks_of(document):
        assert block.language in (*RUN, *CHECKED, *SHOWN), block.place
        if block.language == "text":
            assert not re.search(r"^\s*([$>] |import |from |curl |const |def )", block.code, re.MULTILINE), block.place
        assert block.title is None or is_used(block), f"{block.place}: nothing runs {block.title}"
    text = document.read_text(encoding="utf-8")
    assert text.count("```") == 2 * len(blocks_of(document))
    assert not re.search(r"~~~|<pre|<code", text)
    rest = FENCE.sub("", text)
    assert not re.search(r"\n\n(?: {4}|\t)\S", rest), "an indented block is code without a language"


def is_used(block: Block) -> bool:
    """Say whether something runs the file that a block shows: its name, or another block of its page."""
    stem, _, kind = str(block.title).partition(".")
    if block.language == "python":
        others = "".join(other.code for other in blocks_of(block.page) if other.line != block.line)
        return (
            stem.startswith("test_")
            or stem == "conftest"
            or bool(re.search(rf"^(import|from) {stem}\b", others, re.MULTILINE))
        )
    return block.language != "js" or kind in ("test.js", "spec.js")
