"""transports/places.py: who gives way to whom, and who comes next."""

import asyncio

from transports import places as module
from transports.places import Place, Places

LOOKS = 200  # more than anybody waits
STILL, LAST = (module._IDLE_LOOKS,), (0, True)


class Task:
    canceled = False

    def cancel(self):
        self.canceled = True


class Served:
    """Places, one a name: a1 is a connection of a. Those in `sending` send a file."""

    def __init__(self, names, waiting, sending=(), stood=0):
        self.places = Places()
        self.by_name = {}
        for name in names:
            self.by_name[name] = place = Place(name[0], Task())
            place.sends_file, place.looks = name in sending, stood
            self.places._taken.append(place)
        self.places._waiting = [self.by_name[name] for name in waiting]

    def given_way(self):
        names = sorted(self.by_name)
        return [name for name in names if self.by_name[name].task.canceled]


def given_way(peer, names, waiting, how=(), **more):
    """Name of the connection that gives way to a newcomer of `peer`, or None."""
    served = Served(names.split(), waiting, **more)
    made = served.places._make_room(Place(peer, Task()), *how)
    gone = served.given_way()
    assert made == bool(gone) and len(gone) <= 1
    assert len(served.places._waiting) == len(waiting) - len(gone)
    return gone[0] if gone else None


def test_who_has_most_places_gives_one_up():
    assert given_way("b", "a1 a2 a3 b1", ["a1", "a2", "b1"]) == "a1"
    assert given_way("c", "a1 a2 a3 b1", ["b1", "a2"]) == "a2"
    assert given_way("a", "a1 a2 a3 a4", ["a3", "a1"]) == "a3"
    assert given_way("a", "a1 a2 b1 b2", ["b1", "a1"]) == "a1"


def test_nobody_gives_way_to_somebody_who_has_more():
    for stood in (0, LOOKS):
        assert given_way("a", "a1 a2 a3 b1", ["b1"], stood=stood) is None
        assert given_way("a", "a1 a2 a3 b1", [], stood=stood) is None
        assert given_way("b", "a1 a2 a3 b1", ["b1"], stood=stood) == "b1"


def test_who_sends_no_file_gives_way_once_it_stands_still():
    for stood, gone in ((module._IDLE_LOOKS - 1, None), (module._IDLE_LOOKS, "a3")):
        assert given_way("c", "a1 a2 a3 b1", ["b1", "a3"], STILL, stood=stood) == gone


def test_a_file_gives_way_once_it_stands_still_for_long():
    four = ["a1", "b1", "c1", "d1"]
    for how in (STILL, ()):
        for stood, gone in ((module._STUCK_LOOKS - 1, None), (module._STUCK_LOOKS, "a1")):
            assert given_way("e", " ".join(four), four, how, sending=four, stood=stood) == gone


def test_a_file_that_gets_on_gives_way_last_and_to_who_has_less():
    four = ["a1", "b1", "c1", "d1"]
    assert given_way("e", " ".join(four), four, LAST, sending=four) == "a1"
    assert given_way("a", " ".join(four), four, LAST, sending=four) is None
    two = ["a1", "a2", "b1", "b2"]
    assert given_way("a", " ".join(two), two, LAST, sending=two) is None
    assert given_way("c", " ".join(two), two, LAST, sending=two) == "a1"


def outcome(served, *newcomers, meanwhile=None):
    """(which of the newcomers were served, who gave way); looks take no time."""

    async def look(seconds):
        if meanwhile is not None:
            meanwhile(served)
        await real(0)

    async def one(peer):
        try:
            return await served.places.find(peer) is not None
        except asyncio.CancelledError:
            return False

    async def all_of_them():
        found = await asyncio.gather(*[one(peer) for peer in newcomers])
        return list(found), served.given_way()

    real, module.asyncio = asyncio.sleep, Clockwork(look)
    try:
        return asyncio.run(all_of_them())
    finally:
        module.asyncio = asyncio


class Clockwork:
    def __init__(self, sleep):
        self.sleep, self.current_task = sleep, asyncio.current_task


def get_on(served):
    """Chunk after chunk, as wait() has them."""
    for place in list(served.places._waiting):
        if place.sends_file:
            place.looks = 0


def test_who_gets_on_is_not_ended_because_another_stands_still():
    """A phone loads the page, in three connections; a fourth place is another phone's, which says
    nothing. Whoever comes next waits until that has had its time."""
    page = ["a1", "a2", "a3"]
    for newcomer, gone in (("a", []), ("c", ["b1"])):
        served = Served(["b1"] + page, ["b1"] + page, page)
        assert outcome(served, newcomer, meanwhile=get_on) == ([bool(gone)], gone)


def test_a_fifth_phone_gets_a_place_in_the_end():
    four = ["a1", "b1", "c1", "d1"]
    assert outcome(Served(four, four, four), "e", meanwhile=get_on) == ([True], ["a1"])


def test_a_place_that_becomes_free_is_of_who_has_fewest():
    def leave(served):
        get_on(served)
        left.append(1)
        if len(left) == 9:
            served.places.leave(served.by_name["b1"])

    for newcomers, found in (("ae", [False, True]), ("ef", [True, True])):
        left, four = [], ["a1", "b1", "c1", "d1"]
        served = Served(four, four, four)
        assert outcome(served, *newcomers, meanwhile=leave)[0] == found
        assert served.places._line == []


def test_nobody_fills_the_line_against_others():
    four, line = ["a1", "b1", "c1", "d1"], module.MAX_QUEUED
    found, gone = outcome(Served(four, four, four), *"a" * line, "e", meanwhile=get_on)
    assert found == [False] * line + [True] and gone == ["a1"]


def test_no_phone_goes_from_the_line_for_what_a_page_takes():
    places = Served(["a1", "a2", "b1", "c1"], []).places
    places._line = line = [Place(peer, Task()) for peer in "abbccd"]
    assert not places._dismiss_for(Place("e", Task()))
    line[-1].peer = "a"
    assert places._dismiss_for(Place("e", Task())) and len(line) == module.MAX_QUEUED - 1


def test_nobody_beyond_the_line_passes_who_has_fewer_places():
    four = ["a1", "a2", "a3", "a4"]
    found, gone = outcome(Served(four, four), "e", *"a" * module.MAX_QUEUED)
    assert found[0] and gone[0] == "a1"
