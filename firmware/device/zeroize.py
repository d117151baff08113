"""Destroy every secret of the board: what it was given, and the keys it was made with.

For a case that was opened, and for a board that goes back to the factory. A marker is written
first and stays, so that the work goes on after a power cut, and so that the board can say
afterwards why it knows nobody.
"""

import os

from firmware.device.store import FOLDER

# The marker's name; its content is the LED's GPIO, which nothing else tells any more.
_UNDER_WAY, _DONE = "zeroizing", "zeroized"


def begin(led_gpio):
    """Delete all records; `finish` is to be called after a restart. Raises OSError."""
    with open(FOLDER + "/" + _UNDER_WAY, "wb") as file:
        file.write(bytes((led_gpio & 0xFF,)))
    _delete_records()


def state():
    """Return None, or (whether it is done, GPIO of the LED or None)."""
    try:
        names = os.listdir(FOLDER)
    except OSError:
        return None
    for marker in (_UNDER_WAY, _DONE):
        if marker in names:
            return marker == _DONE, _led_gpio(marker)
    return None


async def finish(pause):
    """Overwrite what was deleted. Raises OSError."""
    from firmware.device.scrub import overwrite_deleted

    _delete_records()
    await overwrite_deleted(pause)
    os.rename(FOLDER + "/" + _UNDER_WAY, FOLDER + "/" + _DONE)


def forget():
    """The factory step is done anew: there is nothing to tell any more."""
    if _DONE in os.listdir(FOLDER):
        os.remove(FOLDER + "/" + _DONE)


def _led_gpio(marker):
    try:
        with open(FOLDER + "/" + marker, "rb") as file:
            content = file.read(1)
    except OSError:
        return None
    return content[0] if content and content[0] != 0xFF else None


def _delete_records():
    for name in os.listdir(FOLDER):
        if name not in (_UNDER_WAY, _DONE):
            os.remove(FOLDER + "/" + name)
