class Refusal(Exception):
    """An order is refused; `status` is the code of the contract's table that says why."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


class UnknownVersion(Exception):
    """The saved record was written by a newer firmware than this; the text says by which."""
