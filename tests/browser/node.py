"""The pages' TypeScript in Node.js, for tests in Python: questions and answers in JSON.

A `*_server.ts` of this folder exports `operations`, functions by name that take the question (a
JSON object) and may return a promise; octets go as hexadecimal text. `serving` bundles it as the
pages are bundled, and starts it.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
BROWSER = HERE.parents[1] / "host_client" / "browser"
OLDEST = (20, 19)  # of Node.js, as package.json says
ANSWER_S = 60.0  # for what no test gives a deadline of its own

Tell = Callable[[Any], None]


class NodeError(Exception):
    """What an operation threw: `name` of its class, and what the error holds."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(f"{answer['error']}: {answer.get('message')}")
        self.name: str = answer["error"]
        self.reason: Any = answer.get("reason")
        self.status: Any = answer.get("status")


class Node:
    """A running server; operations may overlap."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._ids = itertools.count()
        self._asked: dict[int, tuple[Future[Any], Tell]] = {}
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def start(self, operation: str, tell: Tell | None = None, **question: Any) -> Future[Any]:
        """Ask, and return a future: its result, or NodeError. `tell` gets the events, in the
        reader's thread."""
        number, future = next(self._ids), Future[Any]()
        line = json.dumps({"id": number, "operation": operation, **question})
        assert self._process.stdin is not None
        with self._lock:
            self._asked[number] = future, tell or (lambda event: None)
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        return future

    def ask(self, operation: str, timeout_s: float = ANSWER_S, **question: Any) -> Any:
        """Ask and wait. Raises NodeError, TimeoutError."""
        return self.start(operation, **question).result(timeout_s)

    def end(self) -> None:
        """End the process, and the reader with it: its pipe is closed next."""
        self._process.kill()
        self._reader.join(ANSWER_S)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            answer = json.loads(line)
            future, tell = self._asked[answer["id"]]
            if "event" in answer:
                tell(answer["event"])
            elif "error" in answer:
                future.set_exception(NodeError(answer))
            else:
                future.set_result(answer["result"])
        for future, _ in self._asked.values():
            if not future.done():
                future.set_exception(RuntimeError("node ended; see what it wrote to stderr"))


def bundle(source: str, folder: Path) -> Path:
    """Bundle a .ts of this folder for Node.js into `folder`; skips where that cannot be."""
    missing = why_not()
    if missing:
        pytest.skip(missing)
    made = folder / source.replace(".ts", ".mjs")
    options = ("--bundle", "--platform=node", "--format=esm", "--log-level=warning")
    command = [str(_esbuild()), str(HERE / source), *options, f"--outfile={made}"]
    subprocess.run(command, check=True, timeout=60, cwd=BROWSER)
    return made


@contextlib.contextmanager
def serving(source: str, folder: Path) -> Iterator[Node]:
    """`serving("core_server.ts", tmp_path_factory.mktemp("node"))`: a running Node."""
    command = ["node", str(HERE / "json_lines.mjs"), str(bundle(source, folder))]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, encoding="utf-8") as process:
        node = Node(process)
        try:
            yield node
        finally:
            node.end()


@functools.cache
def why_not() -> str:
    """Why the pages' sources cannot be run or built here; empty where they can."""
    node = shutil.which("node")
    if node is None:
        return "no node here (Node.js 20.19 or newer)"
    told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30).stdout
    version = re.match(r"v(\d+)\.(\d+)", told)
    if version is None or (int(version[1]), int(version[2])) < OLDEST:
        return f"node {told.strip()} is older than 20.19"
    if not _esbuild().is_file():
        return "no node_modules (npm ci in host_client/browser)"
    return ""


def _esbuild() -> Path:
    return BROWSER / "node_modules" / "esbuild" / "bin" / "esbuild"
