"""What the security page and the list of attacks name as shown by a test is there."""

import re
from pathlib import Path

import pytest

from tests.house.sources import PROJECT

PAGES = ("firmware/SECURITY.md", "tests/attacks/README.md")
# A path of tests, perhaps with a star; what stands behind :: is a test of that file.
_NAMED = re.compile(r"`(tests/[\w./*-]+)(?:::(\w+))?`")


def named(page: str) -> list[tuple[str, str]]:
    return _NAMED.findall((PROJECT / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_is_named_is_there(page: str) -> None:
    found = named(page)
    assert found
    missing = [path for path, test in found if not exists(path, test)]
    assert not missing


def exists(path: str, test: str) -> bool:
    files = list(PROJECT.glob(path))
    return bool(files) and (not test or any(defines(file, test) for file in files))


def defines(file: Path, test: str) -> bool:
    return f"def {test}(" in file.read_text(encoding="utf-8")
