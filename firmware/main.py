try:  # as in boot.py: MicroPython opens it again
    import micropython

    micropython.kbd_intr(-1)
    for _ in range(2):
        pass
except KeyboardInterrupt:
    import micropython

    micropython.kbd_intr(-1)

from firmware import start

start.run()
