# MicroPython lets Ctrl-C stop each of its start-up files anew; a board in the field must not end
# at the prompt, so that is shut first, and opened by start.py where the factory left it open.
try:
    import micropython

    micropython.kbd_intr(-1)
    for _ in range(2):  # a loop, where MicroPython raises what was typed before
        pass
except KeyboardInterrupt:
    import micropython

    micropython.kbd_intr(-1)

import gc

gc.collect()
