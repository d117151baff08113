class Refusal(Exception):
    """An order is refused; `status` is the code of the contract's table that says why."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status
