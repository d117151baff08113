"""Every scenario, in the order of the table."""

from tests.power_cuts.on_board import orders, resets
from tests.power_cuts.on_board.bench import OTHER_KEY
from tests.power_cuts.on_board.chip import MODES
from tests.power_cuts.on_board.people import GIVE_BACK_MS, WIPE_MS
from transports import contract as c


def all_scenarios():
    return [
        orders.Factory("factory step"),
        orders.Provisioning("first provisioning", 0),
        orders.Provisioning("re-provisioning", 1),
        orders.Committing("commit"),
        orders.Committing("commit, folder compacted", (10, 30)),
        orders.Committing("commit, folder moved", (250, 320)),
        orders.Committing("transfer to an owner", TRUST={1: OTHER_KEY}),
        orders.Committing("policy tightened", TRUST={4: c.SIGNED}),
        orders.Committing("authority rotated", TRUST={3: OTHER_KEY}),
        resets.Released("release by its owner"),
        orders.Refusals("refused orders", 0, 4),
        orders.Refusals("the last attempts", 8, 2),
        orders.Minutes("a window's minutes"),
        resets.Reset("reset, commercial"),
        resets.Reset("reset, consumer", profile=c.CONSUMER),
        resets.Reset("reset, prototype", profile=c.PROTOTYPE),
        resets.PowerCycles("reset by power cycles", 1),
        resets.PowerCycles("wipe by power cycles", 2),
        resets.Wipe("wipe, consumer", WIPE_MS, profile=c.CONSUMER),
        resets.Wipe("wipe, commercial", WIPE_MS, MODES),
        resets.Wipe("given back to the factory", GIVE_BACK_MS, shut=True),
        resets.Opened("case opened"),
        resets.Tampered("reset after a harmed witness", resets.harm_witness),
        resets.Tampered("reset after a record was taken away", resets.take_record_away),
    ]
