"""Scenarios of the factory step and of the window: what is kept, refused, or runs out.

prepare(board) brings a board to where the scenario begins; act(board, floor) does it, life by
life, and tells the floor what has been promised to whoever uses the board.
"""

from tests.power_cuts.on_board import making
from tests.power_cuts.on_board.chip import MODES
from tests.power_cuts.on_board.people import Giver, Looker, Presser, Waiter, refused, taken


class Scenario:
    """name; presses: a person asks for a window in it; modes: how the power goes;
    second_modes: how it goes a second time, while the board starts again; gone: what must not
    be on the chip in the new state."""

    presses = False
    second_modes = ()
    modes = MODES
    gone = ()

    def __init__(self, name):
        self.name = name

    def prepare(self, board):
        """A provisioned board whose window a person has asked for."""
        making.make(board)
        making.provision(board, 0)
        board.run(Presser())

    def act(self, board, floor):
        raise NotImplementedError


class Factory(Scenario):
    """The factory step, done over USB."""

    def prepare(self, board):
        board.format()

    def act(self, board, floor):
        key = floor.device_key = making.begin(board)["device_key"]
        making.write(board, key)
        floor.promise_new()


class Provisioning(Scenario):
    """From the button to the kept order."""

    presses = True

    def __init__(self, name, before):
        super().__init__(name)
        self._before = before

    def prepare(self, board):
        making.make(board)
        for number in range(self._before):
            making.provision(board, number)

    def act(self, board, floor):
        board.run(Presser())
        board.run(Giver(taken(self._before), floor.promise_new))
        board.run(Looker())


class Committing(Scenario):
    """In an open window, a good order.

    ages: (a, b), the board has had so many lives before, a to b of them: as many as make the
    commit the dearest, because LittleFS compacts its folder then, or moves it to other blocks.
    """

    def __init__(self, name, ages=None, **changes):
        super().__init__(name)
        self._ages, self._changes = ages, changes
        if not changes:
            self.second_modes = ("torn",) if ages else ("clean", "torn", "first lost")

    def prepare(self, board):
        endless = 1 << 20
        limits = {"attempts": endless, "window_s": endless, "tries_s": endless}
        making.make(board, limits=limits)
        making.provision(board, 0)
        board.run(Presser())
        if self._ages:
            self._grow_old(board)

    def _grow_old(self, board):
        first, last = self._ages
        most = 0
        for age in range(last):
            board.run(Giver(refused(1)))
            if age >= first:
                image = board.snapshot()
                operations = board.count(lambda: board.run(Giver(taken(1))))
                if operations > most:
                    most, dearest = operations, image
                board.put(image)
        board.put(dearest)

    def act(self, board, floor):
        board.run(Giver(taken(1, **self._changes), floor.promise_new))


class Refusals(Scenario):
    """In an open window, wrong orders."""

    def __init__(self, name, before, count):
        super().__init__(name)
        self._before, self._count = before, count

    def prepare(self, board):
        super().prepare(board)
        if self._before:
            board.run(Giver(refused(self._before)))

    def act(self, board, floor):
        def told(index):
            floor.attempts_left = 10 - self._before - index - 1
            floor.shut = floor.attempts_left == 0

        board.run(Giver(refused(self._count), told))


class Minutes(Scenario):
    """An open window that nobody uses."""

    def act(self, board, floor):
        def told(left_s):
            floor.left_s = left_s
            floor.shut = left_s == 0

        board.run(Waiter(121, told))
