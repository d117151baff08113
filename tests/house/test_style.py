"""House rules that a linter does not know: sizes, names, what the product may not ask or print."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.sources import BOARD_PACKAGES, PACKAGES, PROJECT, files, name, tree

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
# A viper kernel keeps its state in registers: every call out of it would cost more than it does.
MAX_VIPER_LINES = 60
# Over the limit on purpose: `path` or `path::function`, and why.
TOO_LONG_ALLOWED: dict[str, str] = {
    "tests/virtual_board/testdata/echo/main.py::web": "a list of routes",
    "tests/virtual_board/testdata/stop/main.py::life": "one board's life, step by step",
}
# The docstring of a file that a program of ours writes says so; its size is that program's doing.
GENERATED = re.compile(r"^Written by (\S+\.py)", re.MULTILINE)
FORBIDDEN_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|commons|managers?|misc|stuff)($|_)")
# The product never asks whether it is simulated.
QUESTIONS = re.compile(r"simulat|virtual|emulat|is_test|in_test|under_test|pytest|mock|fake", re.I)
SECRETS = re.compile(r"password|passphrase|private|secret|\bpsk\b|\bkey\b|credential", re.I)
PRINTERS = ("print", "log", "debug", "info", "warning", "error", "exception", "critical")


def test_files_are_short() -> None:
    found = [f"{name(file)}: {lines} lines"
             for file in files(*PACKAGES, "tests")
             if (lines := len(file.read_text(encoding="utf-8").splitlines())) >= MAX_FILE_LINES
             and name(file) not in TOO_LONG_ALLOWED and not is_generated(file)]  # fmt: skip
    assert not found, "\n".join(found)


def test_functions_are_short() -> None:
    found = [f"{name(file)}:{node.lineno} {node.name}: {length} lines"
             for file in files(*PACKAGES, "tests")
             for node in ast.walk(tree(file))
             if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
             and (length := function_length(node)) >= most_lines(node)
             and f"{name(file)}::{node.name}" not in TOO_LONG_ALLOWED
             and not is_generated(file)]  # fmt: skip
    assert not found, "\n".join(found)


def is_generated(file: Path) -> bool:
    writer = GENERATED.search(ast.get_docstring(tree(file)) or "")
    return writer is not None and (PROJECT / writer[1]).is_file()


def most_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    is_viper = any(ast.unparse(mark) == "micropython.viper" for mark in node.decorator_list)
    return MAX_VIPER_LINES if is_viper else MAX_FUNCTION_LINES


def function_length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, its docstring not counted."""
    length = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length


def test_no_file_is_named_after_nothing() -> None:
    found = [name(file) for file in files(*PACKAGES, "tests")
             if any(FORBIDDEN_NAMES.search(part.removesuffix(".py")) for part in file.parts
                    if part not in PROJECT.parts)]  # fmt: skip
    assert not found, "\n".join(found)


def test_nothing_is_caught_unnamed() -> None:
    found = [f"{name(file)}:{node.lineno}"
             for file in files(*PACKAGES, "tests")
             for node in ast.walk(tree(file))
             if isinstance(node, ast.ExceptHandler) and node.type is None]  # fmt: skip
    assert not found, "\n".join(found)


def questions(text: str) -> list[str]:
    """Names and strings of a source file that know of a test; comments do not run."""
    found = []
    for node in ast.walk(ast.parse(text)):
        for field in ("id", "attr", "arg", "name", "module"):
            word = getattr(node, field, None)
            if isinstance(word, str) and QUESTIONS.search(word):
                found.append(word)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += QUESTIONS.findall(node.value)
    return found


def test_the_product_never_asks_whether_it_is_simulated() -> None:
    found = [f"{name(file)}: {words}" for file in files(*BOARD_PACKAGES)
             if (words := questions(file.read_text(encoding="utf-8")))]  # fmt: skip
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    ["if sys.platform == 'simulator': pass", "from virtual_board import x", "def f(is_test): pass",
     "self.fake_radio = 1", "os.getenv('PYTEST_CURRENT_TEST')", "import mock"],
)  # fmt: skip
def test_finds_such_a_question(text: str) -> None:
    assert questions(text)


def told_secrets(module: ast.Module) -> list[int]:
    """Lines that print or log an expression named after a secret."""
    found = []
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        called = getattr(function, "id", None) or getattr(function, "attr", None)
        if called not in PRINTERS:
            continue
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            if any(SECRETS.search(word) and "public" not in word for word in words_in(argument)):
                found.append(node.lineno)
    return found


def words_in(expression: ast.AST) -> Iterator[str]:
    """Names in an expression, but for what only a digest or a length is shown of."""
    if isinstance(expression, ast.Call):
        called = getattr(expression.func, "id", None)
        if called in ("fingerprint", "len", "type"):
            return
    word = getattr(expression, "id", None) or getattr(expression, "attr", None)
    if isinstance(word, str):
        yield word
    for part in ast.iter_child_nodes(expression):
        yield from words_in(part)


# Lines that the rule takes for secrets and that are none: `path`, and why.
PRINTS_NO_SECRET: dict[str, str] = {}


def test_no_secret_is_printed_or_logged() -> None:
    found = [f"{name(file)}:{line}"
             for file in files(*PACKAGES)
             for line in told_secrets(tree(file))
             if name(file) not in PRINTS_NO_SECRET]  # fmt: skip
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    ["print(password)", "log('joining', network.key)", "logger.debug('%s', self.private_key)",
     "print(f'{order.secret}')", "logging.info('x', extra=psk)"],
)  # fmt: skip
def test_finds_a_secret_that_is_told(text: str) -> None:
    assert told_secrets(ast.parse(text))


def committed_text() -> list[Path]:
    suffixes = {".py", ".md", ".toml", ".json", ".cddl", ".txt", ".sh", ""}
    folders = ("firmware", "transports", "host_client", "tests", ".ci")
    inner = [file
             for folder in folders
             for file in (PROJECT / folder).rglob("*")
             if file.is_file() and file.suffix in suffixes
             and "__pycache__" not in file.parts]  # fmt: skip
    top = [file for file in PROJECT.iterdir() if file.is_file() and file.suffix in suffixes]
    return inner + top


def test_no_text_names_a_folder_of_one_machine() -> None:
    paths = re.compile(r"/(home|Users|root|work)/\w")
    found = [f"{name(file)}: {line.strip()[:80]}" for file in committed_text()
             if file != Path(__file__)
             for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
             if paths.search(line)]  # fmt: skip
    assert not found, "\n".join(found)
