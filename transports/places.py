"""Who is served: a few connections have places, a few more wait for one.

A browser comes with several requests at once, a phone with those of its apps, and some come only
to hold on. Whoever waits for its other end may have to give way to a newcomer; who sends a file
that gets on does so last, since a page that lacks one of its files is no page.
"""

import asyncio

MAX_CONNECTIONS = 4
# A page, its parts and what a phone's apps ask for, of three or four phones at once. Each takes
# 0.7 KB, and a socket, of which ESP-IDF gives ten unless it is told otherwise.
MAX_QUEUED = 6
# How often those look for a place; and how many looks long one has stood still that gives way:
# a packet that was lost on the air comes again after one second, or two.
_LOOK_S, _LOOKS, _IDLE_LOOKS, _STUCK_LOOKS = 0.05, 160, 6, 60


class Place:
    """`looks`: of the next in line, since it got on; and `sends_file`: once it has waited."""

    def __init__(self, peer, task):
        self.peer = peer
        self.task = task


class Places:
    def __init__(self):
        self._taken = []
        self._waiting = []  # of them, those that wait for their other end, oldest wait first
        self._line = []  # those that wait for a place, oldest first

    async def find(self, peer):
        """Return a place for a connection of `peer`, which has to leave() it; None: there is
        none."""
        place = Place(peer, asyncio.current_task())
        if len(self._line) < MAX_QUEUED or self._dismiss_for(place):
            is_found = await self._stand_in_line(place)
        else:
            # Beyond the line there is no time to see whether somebody stands still; and no passing
            # somebody in it who has fewer places.
            is_found = self._held(self._next()) >= self._held(place) and self._make_room(place)
        if is_found:
            self._taken.append(place)
            return place

    def leave(self, place):
        self._taken.remove(place)

    async def wait(self, place, work, sends_file=False):
        """Await what the other end has to do; meanwhile the connection may have to give way."""
        place.sends_file, place.looks = sends_file, 0
        self._waiting.append(place)
        try:
            return await work
        finally:
            if place in self._waiting:
                self._waiting.remove(place)

    async def _stand_in_line(self, place):
        self._line.append(place)
        try:
            for _ in range(_LOOKS):
                is_next = self._next() is place
                if is_next and (
                    len(self._taken) < MAX_CONNECTIONS or self._make_room(place, _IDLE_LOOKS)
                ):
                    return True
                await asyncio.sleep(_LOOK_S)
                # One counts at a time: however many look, a look is as long as it is.
                if is_next and self._next() is place:
                    for other in self._waiting:
                        other.looks += 1
            return self._make_room(place) or self._make_room(place, 0, True)
        finally:
            if place in self._line:
                self._line.remove(place)

    def _held(self, place):
        """Of its peer."""
        return sum([other.peer == place.peer for other in self._taken])

    def _wanted(self, place):
        return self._held(place) + sum([other.peer == place.peer for other in self._line])

    def _next(self):
        """Of those in line, the oldest of whoever has fewest places comes first."""
        return min(self._line, key=self._held)

    def _dismiss_for(self, newcomer):
        """Let the last in line of whoever wants most go, so that nobody fills the line against
        others; but it takes four more than the newcomer's peer wants: a page, its parts and what a
        phone's apps ask for are fewer. Tells whether one goes."""
        last, most = None, self._wanted(newcomer) + 4
        for place in self._line:
            wants = self._wanted(place)
            if wants >= most:
                last, most = place, wants
        return self._end(last, self._line)

    def _make_room(self, newcomer, idle=0, even_a_file=False):
        """Let one that waits for its other end give way: the oldest of whoever has most places, so
        that neither who only holds on nor who comes again and again keeps another out. idle: for
        how many looks it must have stood still; even_a_file: also one that gets on. Tells whether
        one does."""
        has = [self._held(place) + (place.peer == newcomer.peer) for place in self._waiting]
        first, chosen = 0, None
        for place, count in zip(self._waiting, has):
            # Nobody gives way to somebody who has more; and a file that gets on only to who has
            # less, or those of one page would end each other.
            more = self._held(place) - self._held(newcomer)
            if place.looks < _STUCK_LOOKS:
                if count < max(has):
                    continue
                if place.sends_file:
                    more = more - 1 if even_a_file else -1
                elif place.looks < idle:
                    continue
            if more >= 0 and count > first:
                first, chosen = count, place
        return self._end(chosen, self._waiting)

    def _end(self, place, places):
        if place is None:
            return False
        places.remove(place)
        place.task.cancel()
        return True
