"""The lists of the firmware for other tools name every file that there is, and the sizes fit."""

import json
from pathlib import Path

from host_client.deploy.image import PROJECT, firmware_sources, page_sources
from host_client.deploy.mip_package import LIST, package_list
from tests.bench import size


def test_package_json_is_what_make_fix_writes() -> None:
    assert (PROJECT / LIST).read_text(encoding="utf-8") == package_list(), "run `make fix`"


def test_package_json_names_every_file_and_each_is_there() -> None:
    package = json.loads((PROJECT / LIST).read_text(encoding="utf-8"))
    ours = {place: url for place, url in package["urls"] if not url.startswith("https://")}
    for place, url in ours.items():
        file = (PROJECT / LIST).parent / url
        assert file.resolve().is_relative_to(PROJECT), place
        assert file.is_file(), place
    compiled = {s.board_path.strip("/").removesuffix(".mpy") + ".py"
                for s in firmware_sources() if s.compiled}  # fmt: skip
    assert set(ours) == compiled | {s.board_path.strip("/") for s in page_sources()}


def frozen_by_manifest() -> tuple[set[str], set[str]]:
    """(places of what manifest.py freezes, names of the libraries that it requires)."""
    folder = PROJECT / "firmware"
    frozen: set[str] = set()
    required: set[str] = set()

    def package(path: str, base_path: str = ".") -> None:
        base = (folder / base_path).resolve()
        frozen.update(f.relative_to(base).as_posix() for f in (base / path).rglob("*.py"))

    def module(path: str, base_path: str = ".") -> None:
        assert (folder / base_path / path).is_file()
        frozen.add(path)

    given = {"include": lambda _path: None, "module": module, "package": package,
             "require": required.add}  # fmt: skip
    exec((folder / "manifest.py").read_text(encoding="utf-8"), given)
    return frozen, required


def test_the_freezing_list_names_every_file() -> None:
    frozen, required = frozen_by_manifest()
    for source in firmware_sources():
        if source in page_sources():
            continue  # data, which cannot be frozen; the list says where it goes
        assert source.board_path.strip("/").replace(".mpy", ".py") in frozen
    package = json.loads((PROJECT / LIST).read_text(encoding="utf-8"))
    assert required == {name for name, _ in package["deps"]}


def test_every_folder_is_within_its_budget() -> None:
    measured = size.measure()
    assert size.over_budget(measured) == []
    budget = set(json.loads(size.BUDGET.read_text("utf-8")))
    without_page = {folder for folder in budget if not folder.startswith("firmware/page")}
    assert set(measured["folders"]) == (budget if page_sources() else without_page)


def test_a_folder_over_or_without_budget_is_named() -> None:
    rows = {"a": {"octets": 2, "budget": 1}, "b": {"octets": 1, "budget": None},
            "c": {"octets": 1, "budget": 1}}  # fmt: skip
    assert size.over_budget({"folders": rows}) == ["a", "b"]


def test_sizes_are_written_as_json(tmp_path: Path, monkeypatch, capsys) -> None:
    target = tmp_path / "size.json"
    monkeypatch.setattr("sys.argv", ["size", "--json", str(target)])
    assert size.main() == 0
    assert json.loads(target.read_text("utf-8"))["octets"] > 10_000
    assert "firmware/crypto" in capsys.readouterr().out
