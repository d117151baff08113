"""firmware/provision/window.py: neither time nor attempts can be bought."""

from firmware.provision.record import Record
from firmware.provision.window import Window
from tests.device.bench_board import MemoryStore


def start(store, seconds=600, attempts=10):
    window = Window(Record(store), seconds, attempts)
    return window.start(), window


def requested():
    store = MemoryStore()
    ask_anew(store)
    return store


def ask_anew(store):
    """The physical reset; what it asked for opens with the next start."""
    record = Record(store)
    record.change(window=Window(record, 600, 10).asked_for())


def test_opens_only_after_a_request():
    assert start(MemoryStore())[0] is False
    is_open, window = start(requested())
    assert is_open and window.left_s == 600 and len(window.nonce) == 16


def test_ends_with_its_time_and_stays_shut():
    store = requested()
    _, window = start(store)
    for _ in range(600):
        window.tick(1000)
    assert not window.is_open and window.nonce is None
    assert start(store)[0] is False


def test_a_power_cut_costs_time_and_never_gains_any():
    for cut_after_s in (0, 1, 30, 59, 61, 300):
        store = requested()
        _, window = start(store)
        for _ in range(cut_after_s):
            window.tick(1000)
        before = window.left_s
        is_open, window = start(store)
        assert is_open and before - 60 <= window.left_s <= before


def test_power_cuts_without_end_end_the_window():
    store = requested()
    starts = 0
    while start(store)[0]:
        starts += 1
        assert starts <= 10
    assert starts == 10


def test_attempts_survive_a_power_cut():
    store = requested()
    _, window = start(store)
    for _ in range(9):
        window.count_attempt()
    is_open, window = start(store)
    assert is_open and window.attempts_left == 1
    window.count_attempt()
    assert start(store)[0] is False


def test_every_window_has_a_nonce_of_its_own():
    store = requested()
    nonces = {start(store)[1].nonce for _ in range(5)}
    assert len(nonces) == 5


def test_a_new_request_gives_a_full_window():
    store = requested()
    _, window = start(store)
    window.count_attempt()
    ask_anew(store)
    is_open, window = start(store)
    assert is_open and window.left_s == 600 and window.attempts_left == 10


def test_a_flash_that_cannot_be_written_ends_the_window_in_time_and_takes_no_order():
    store = requested()
    _, window = start(store)
    store.error = OSError(28)
    try:
        window.count_attempt()
        raise AssertionError("an attempt that was not counted")
    except OSError:
        pass
    for _ in range(600):
        window.tick(1000)
    assert not window.is_open


def test_the_time_of_trials_outlives_a_power_cut_and_pays_for_it():
    store = requested()
    _, window = start(store)
    assert window.tries_left_ms == 900000
    window.spend_trial(200000)
    window.count_attempt()  # saved with it
    window.spend_trial(30000)  # since the last save: what the restart costs is more
    _, again = start(store)
    assert again.tries_left_ms == 900000 - 200000 - 60000 <= window.tries_left_ms
    again.spend_trial(2000000)
    again.count_attempt()
    assert again.tries_left_ms == 0 and start(store)[1].tries_left_ms == 0


def test_a_trial_may_outlast_the_window_but_not_its_own_time():
    _, window = start(requested())
    window.shut()
    assert window.tries_left_ms == 900000
    window.spend_trial(900000)
    assert window.tries_left_ms == 0
