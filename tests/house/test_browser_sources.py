"""House rules for the pages: sizes, what never touches markup, and no script in it."""

import re
from pathlib import Path

import pytest

from host_client import browser_contract
from tests.house.sources import PROJECT
from tests.house.test_style import FORBIDDEN_NAMES, MAX_FILE_LINES

BROWSER = PROJECT / "host_client" / "browser"
# What turns text into markup or into a program.
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function\b|srcdoc"
    r"|createContextualFragment|DOMParser|\bas any\b|: any\b|javascript:|console\.(?:log|debug)"
)
# A script, a style or a handler inside the markup: the content security policy allows none.
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
)
FOREIGN = re.compile(r"(?:src|href)=[\"']?(?:https?:)?//", re.IGNORECASE)


def below(suffix: str) -> list[Path]:
    files = sorted(BROWSER.rglob(f"*{suffix}"))
    return [f for f in files if not {"node_modules", "site"} & set(f.relative_to(BROWSER).parts)]


def name(file: Path) -> str:
    return file.relative_to(PROJECT).as_posix()


def test_the_numbers_are_those_of_the_contract() -> None:
    assert browser_contract.FILE.read_text(encoding="utf-8") == browser_contract.contract_module()


@pytest.mark.parametrize("file", below(".ts"), ids=name)
def test_a_source_is_short_and_makes_no_markup(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) < MAX_FILE_LINES or file == browser_contract.FILE
    assert not FORBIDDEN_NAMES.search(file.stem)
    found = [f"{number}: {line.strip()}" for number, line in enumerate(lines, 1)
             if FORBIDDEN.search(line)]  # fmt: skip
    assert not found


@pytest.mark.parametrize("file", below(".html"), ids=name)
def test_markup_holds_no_program_and_names_no_other_host(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not INLINE.findall(text)
    assert not FOREIGN.findall(text)
