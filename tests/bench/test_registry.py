"""`make bench-registry` on a few devices: every part runs, and the JSON has its shape."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

pytest.importorskip("sqlalchemy", reason="needs the extra `factory`")

from tests.bench import registry

LOOKED_UP = {"serial", "device_id", "fingerprint", "absent", "pending_order", "add"}


def test_it_measures_and_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "LOOK_UPS", 20)
    monkeypatch.setattr(registry, "ADDED", 3)
    told: list[str] = []
    found = registry.measure(f"sqlite:///{tmp_path / 'registry.db'}", 700, told.append)
    assert found["devices"] == 700
    assert told
    assert set(found) - LOOKED_UP == {"devices", "fill_s", "first_ms", "export_per_s",
                                      "import_per_s"}  # fmt: skip
    for what in LOOKED_UP:
        assert 0 < found[what]["median_ms"] <= found[what]["p99_ms"]
    screen = Console(file=io.StringIO(), width=100)
    registry.show({"SQLite": found, "PostgreSQL": found}, screen)
    text = screen.file.getvalue()  # type: ignore[attr-defined]
    assert "700 devices" in text
    assert text.count("ms: median (p99)") == len(LOOKED_UP)
