"""Whether a person at the USB port can stop the firmware, and so reach MicroPython's prompt."""

import micropython

_CTRL_C = 3


def open_prompt():
    """Let Ctrl-C stop the firmware; boot.py and main.py begin with that shut."""
    micropython.kbd_intr(_CTRL_C)
