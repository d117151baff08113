"""The one way back to a clean slate."""

import machine


def restart():
    """Start anew, as after a reset: nothing in memory is kept. Does not return."""
    machine.reset()
