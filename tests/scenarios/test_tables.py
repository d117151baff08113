"""A board whose authority's key has tables: the same board, only faster."""

from __future__ import annotations

import pytest

from host_client.authority import Authority
from host_client.factory.plan import authority_tables
from tests.scenarios.conftest import NewRig
from tests.scenarios.rig import STRANGER, settings
from transports import contract as c


@pytest.mark.parametrize("algorithm", ["ed25519", "p256"])
async def test_an_order_is_kept_and_a_stranger_s_refused(new_rig: NewRig, algorithm: str) -> None:
    authority = Authority.generate("with-tables", algorithm)
    rig = await new_rig(
        authority=authority.public_key, tables=authority_tables(authority.public_key)
    )
    await rig.open_window()
    async with rig.client(authority) as client:
        foreign = rig.offline(authority=STRANGER)
        with pytest.raises(Exception, match="not_authentic"):
            await client.submit(foreign)
        outcome = await client.provision(settings())
    assert outcome.receipt.verified
    assert outcome.receipt.result == c.OK


async def test_tables_of_another_key_are_not_made_at_the_factory(new_rig: NewRig) -> None:
    with pytest.raises(RuntimeError, match="tables of another key"):
        await new_rig(tables=authority_tables(STRANGER.public_key))
