"""Long arithmetic that gives the event loop its turn.

Slow operations are coroutines that await `pause()` now and then; the board passes a
coroutine function that lets the radios run, a tool passes nothing at all.
"""


async def nothing():
    """The pause of a caller that has nothing else to do."""


def run(coroutine):
    """Drive a coroutine whose pauses never suspend, at once, and return its value.

    Raises RuntimeError if it does suspend: then it needs an event loop, not this.
    """
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    coroutine.close()
    raise RuntimeError("the coroutine suspended")
