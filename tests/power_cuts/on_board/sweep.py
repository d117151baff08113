"""Cut one scenario at every operation, in every way, and judge what the board makes of it."""

from tests.power_cuts.on_board.board import board
from tests.power_cuts.on_board.chip import PowerLost
from tests.power_cuts.on_board.clock import Stuck
from tests.power_cuts.on_board.judge import Floor, Wrong, judge, look, reference
from tests.power_cuts.on_board.people import Surprise

AFTERWARDS = "afterwards"  # the power goes when all is done, and what was told must be so


class Sweep:
    """One scenario, prepared: the image before, and the states before and after."""

    def __init__(self, scenario):
        self.scenario = scenario
        board.disarm()
        scenario.prepare(board)
        self.before = board.snapshot()
        self.old = look(board)
        self.ends = [reference(board, self.before)]
        board.put(self.before)
        self.operations = board.count(lambda: scenario.act(board, self.floor()))
        self.ends.append(reference(board, board.snapshot()))

    def floor(self):
        return Floor(self.old, self.scenario.presses)

    def points(self):
        """All cuts, as tuples of (operation, mode) or (operation, mode, operation, mode)."""
        for mode in self.scenario.modes:
            for number in range(self.operations):
                yield number, mode
        yield self.operations, AFTERWARDS

    def pairs(self, number, mode):
        if self.scenario.second_modes:
            operations = self.recovery_operations(number, mode)
            for second_mode in self.scenario.second_modes:
                for second in range(operations):
                    yield number, mode, second, second_mode

    def check(self, point):
        """Cut there and judge. Returns None, or what is wrong."""
        try:
            floor = self.broken(point[0], point[1])
            if len(point) == 4:
                self.break_start(point[2], point[3])
            judge(board, self.scenario, self.ends, floor)
        except Wrong as wrong:
            return str(wrong)
        except Surprise as surprise:
            return "surprise: %s" % surprise
        except Stuck:
            return "waits for ever"
        except Exception as error:  # any other is the board's, and none may be
            return "%s: %s" % (type(error).__name__, error)
        finally:
            board.disarm()
        return None

    def broken(self, number, mode):
        """Leave the image as the cut leaves it; return the floor of what was promised."""
        floor = self.floor()
        board.put(self.before)
        board.arm(number, mode)
        try:
            self.scenario.act(board, floor)
        except PowerLost:
            return floor
        finally:
            board.disarm()
        if mode == AFTERWARDS:
            return floor
        raise Wrong("the power was to go at operation %d and did not" % number)

    def break_start(self, number, mode):
        """A second cut while the board starts after the first."""
        board.arm(number, mode)
        try:
            look(board)
        except PowerLost:
            return
        finally:
            board.disarm()
        raise Wrong("the power was to go a second time at %d and did not" % number)

    def recovery_operations(self, number, mode):
        """Operations of the first start after that cut."""
        try:
            self.broken(number, mode)
            return board.count(lambda: look(board))
        except (Wrong, Surprise, Stuck):
            return 0  # the first cut has told
