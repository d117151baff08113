"""What is compiled for a board, and that all of it is."""

import subprocess
import sys
from pathlib import Path

import pytest

from host_client.deploy import image
from host_client.deploy.errors import BadBuild


def test_every_source_goes_to_its_place() -> None:
    places = {source.board_path for source in image.firmware_sources()}
    for package in ("firmware", "transports"):
        for file in (image.PROJECT / package).rglob("*.py"):
            inner = "/" + file.relative_to(image.PROJECT).as_posix()
            if inner == "/firmware/manifest.py":
                continue
            alone = {"/firmware/main.py": "/main.py", "/firmware/boot.py": "/boot.py"}
            assert alone.get(inner, inner.removesuffix(".py") + ".mpy") in places


@pytest.mark.parametrize("march", ["xtensawin", "rv32imc"])
def test_compiles_for_both_architectures(march: str) -> None:
    files = image.build(image.firmware_sources() + image.microdot_sources(), march)
    version, _ = image.compiler_mpy_version()
    for file in files:
        if file.path.endswith(".mpy"):
            assert file.content[:2] == b"M" + bytes([version])
        assert str(image.PROJECT).encode() not in file.content
        assert b"/site-packages/" not in file.content


def test_the_same_source_gives_the_same_octets() -> None:
    sources = image.firmware_sources()[:5]
    assert image.build(sources, "xtensawin") == image.build(sources, "xtensawin")


def test_only_the_server_of_microdot_is_taken() -> None:
    places = [source.board_path for source in image.microdot_sources()]
    assert places == ["/lib/microdot/__init__.mpy", "/lib/microdot/microdot.mpy"]


def test_the_page_is_copied_as_it_is(sources: Path, tmp_path: Path) -> None:
    assert not image.has_page(image.build(image.firmware_sources()))
    page = sources / image.PAGE
    page.mkdir()
    (page / "index.html.gz").write_bytes(b"\x1f\x8b page")
    (page / "notes.txt").write_bytes(b"not for the board")
    files = image.build(image.firmware_sources())
    assert image.has_page(files)
    found = {file.path: file.content for file in files if file.path.startswith("/firmware/page")}
    assert found == {"/firmware/page/index.html.gz": b"\x1f\x8b page"}


def test_a_syntax_error_is_told_in_the_compilers_words(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def f(:\n", encoding="utf-8")
    with pytest.raises(BadBuild, match="SyntaxError"):
        image.build([image.Source(wrong, "/firmware/wrong.mpy")])


def test_a_folder_that_is_not_the_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadBuild, match="no firmware/"):
        image.firmware_sources(tmp_path)
    with pytest.raises(BadBuild, match="no server.py"):
        image.aioble_sources(tmp_path)


def test_builds_a_tree_that_romfs_takes(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "host_client.deploy", "build", "--march", "xtensawin")
    tree = tmp_path / "tree"
    subprocess.run([*command, "--output", str(tree)], check=True, capture_output=True)
    assert (tree / "main.py").exists()
    assert (tree / "firmware" / "crypto" / "limbs25519_viper.mpy").exists()
    rom = tmp_path / "latchkey.romfs"
    mpremote = (sys.executable, "-m", "mpremote", "romfs", "-o", str(rom), "build", str(tree))
    subprocess.run(mpremote, check=True, capture_output=True)
    assert rom.stat().st_size > sum(f.stat().st_size for f in tree.rglob("*.mpy"))
    again = subprocess.run([*command, "--output", str(tree)], capture_output=True, check=False)
    assert again.returncode == 12
