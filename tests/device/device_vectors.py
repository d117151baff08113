"""Test data for device tests, on CPython and on MicroPython.

Public vectors lie outside the project: LATCHKEY_VECTORS names the folder, by default
``../shared/vectors`` seen from the project's root. A test whose vectors are not there is
skipped with the reason. Vectors of our own lie in tests/vectors.
"""

import json
import os

try:
    from unittest import SkipTest as Skip  # pytest reports this one as skipped
except ImportError:  # MicroPython has no unittest; on_micropython.py knows this class

    class Skip(Exception):
        """Raised by a test that cannot run here, with the reason."""


def project_root():
    """Path of the project's root."""
    return os.getenv("LATCHKEY_ROOT") or _up(_up(_up(_absolute(__file__))))


def public_path(name):
    """Path of a public vector file; Skip is raised where it is absent."""
    folder = os.getenv("LATCHKEY_VECTORS") or _up(project_root()) + "/shared/vectors"
    path = folder + "/" + name
    try:
        os.stat(path)
    except OSError:
        raise Skip("no public vectors at " + path) from None
    return path


def public_json(name):
    """Parsed JSON of a public vector file, such as ``cbor/appendix_a.json``."""
    with open(public_path(name)) as file:
        return json.load(file)


def own_json(name):
    """Parsed JSON of a file in tests/vectors."""
    with open(project_root() + "/tests/vectors/" + name) as file:
        return json.load(file)


def _up(path):
    return path[: path.rindex("/")]


def _absolute(path):
    return path if path.startswith("/") else os.getcwd() + "/" + path
