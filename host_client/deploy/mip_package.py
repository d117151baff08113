"""Writes firmware/package.json: the list by which mip installs the firmware from its sources.

`python -m host_client.deploy.mip_package` writes it anew, as `make fix` does.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from host_client.deploy.image import (
    MICRODOT_MODULES,
    PROJECT,
    RUN_AT_START,
    firmware_sources,
)
from host_client.deploy.push import AIOBLE_PACKAGES

LIST = Path("firmware/package.json")
# The release that the tests ran with, named so that mip brings no other.
MICRODOT = "https://raw.githubusercontent.com/miguelgrinberg/microdot/v2.7.0/src/microdot/"


def package_list(project: Path = PROJECT) -> str:
    """The text of package.json: our files by relative path, the libraries by name or address."""
    inner = [source.file.relative_to(project).as_posix() for source in firmware_sources(project)]
    ours = [path for path in inner if path not in [f"firmware/{name}" for name in RUN_AT_START]]
    content = {
        "version": version("latchkey"),
        "urls": [
            *([path, f"../{path}"] for path in ours),
            *([f"microdot/{name}", MICRODOT + name] for name in MICRODOT_MODULES),
        ],
        "deps": [[name, "latest"] for name in AIOBLE_PACKAGES],
    }
    return json.dumps(content, indent=1) + "\n"


if __name__ == "__main__":
    (PROJECT / LIST).write_text(package_list(), encoding="utf-8")
