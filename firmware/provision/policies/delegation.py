"""What an installer's certificate covers."""


def covers(installer, order, group):
    """Whether an installer may give this order to a board of this device group (text or None).

    Whom the board obeys is never an installer's to change. That neither order nor certificate
    has expired is checked with the other times.
    """
    if order.trust is not None:
        return False
    if installer.group is not None and installer.group != group:
        return False
    if not installer.first <= order.sequence <= installer.last:
        return False
    for kind in order.kinds:
        if kind not in installer.kinds:
            return False
    return True
