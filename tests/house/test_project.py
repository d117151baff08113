"""What the files at the top of the project say of each other."""

import re
import subprocess
import sys

import pytest

from tests.house.sources import PROJECT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
VERSION = PYPROJECT["project"]["version"]


def targets() -> set[str]:
    """Every target that a person can name."""
    return set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", "--no-print-directory", *arguments], cwd=PROJECT, timeout=60,
                          capture_output=True, text=True, check=False)  # fmt: skip


def test_help_is_the_default_and_lists_every_target() -> None:
    for listed in (make(), make("help")):
        assert listed.returncode == 0
        assert set(re.findall(r"^  make ([a-z-]+) ", listed.stdout, re.MULTILINE)) == targets()


def test_every_target_is_phony() -> None:
    phony = re.search(r"^\.PHONY:(.*)$", MAKEFILE, re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == targets()


@pytest.mark.parametrize(
    ("target", "asked_for"), [("deploy", "PORT"), ("flash", "PORT"), ("factory", "PORT")]
)
def test_a_target_says_what_it_lacks(target: str, asked_for: str) -> None:
    done = make("-n", target)
    assert done.returncode != 0
    assert f"Missing: {asked_for}=" in done.stderr


def test_modules_that_targets_run_exist() -> None:
    for module in re.findall(r"\$\(RUN\) (host_client[\w.]*|tests[\w.]*)", MAKEFILE):
        place = PROJECT / module.replace(".", "/")
        assert place.with_suffix(".py").is_file() or (place / "__main__.py").is_file(), module


def test_the_version_is_the_same_everywhere() -> None:
    changelog = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)
    assert released[0] == VERSION
    firmware = (PROJECT / "firmware/__init__.py").read_text(encoding="utf-8")
    assert f'VERSION = "{VERSION}"' in firmware


def test_the_changelog_keeps_its_form() -> None:
    changelog = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### (.+)$", changelog, re.MULTILINE)
    assert set(headings) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    dates = re.findall(r"^## \[[^]]+\](?: - (.+))?$", changelog, re.MULTILINE)
    assert dates
    assert all(re.fullmatch(r"Unreleased|\d{4}-\d\d-\d\d", date) for date in dates)


def test_the_licence_is_the_one_that_the_package_names() -> None:
    assert PYPROJECT["project"]["license"] == "MIT"
    text = (PROJECT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("MIT License\n")
    assert "Latchkey contributors" in text
