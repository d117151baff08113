"""What a board without a clock knows about the time, from the orders it takes.

Who signs an order says when (`iat`). The board believes the key it trusts, not installers and
nothing unsigned, and remembers the latest such time as one that is past: a lower bound.

A key holder whose clock is wrong must not lock himself out, nor an earlier owner the next one.
So an order made for the window's nonce, which was therefore made just now, sets the time
instead of only raising it; and such an order is judged by its own time, whoever made it: a new
owner's first one is not signed.
"""

_LATEST_S = 4102444800  # 2100-01-01: what is beyond is a mistake, such as milliseconds


def time_told(opened, known_s):
    """Return the time that is past once this order is authentic and fresh, in seconds since 1970.

    known_s: the time known to be past before, 0 for none.
    """
    issued = opened.order.issued
    if issued is None or issued >= _LATEST_S or not opened.first_hand:
        return known_s
    return issued if opened.order.nonce is not None else max(known_s, issued)


def time_of(opened, known_s):
    """Return the time by which the end of the order itself is judged, in seconds since 1970."""
    issued = opened.order.issued
    if opened.order.nonce is None or issued is None or issued >= _LATEST_S:
        return time_told(opened, known_s)
    return issued
