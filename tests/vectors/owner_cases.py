"""Orders under policy `first-use`, before there is an owner and with one: of policies.json."""

from __future__ import annotations

from tests.vectors.policy_cases import (
    NEXT,
    OWNED_BOARD,
    OWNER,
    Case,
    certificate,
    delegated,
    labelled,
    octets_of,
    signed,
    unsigned,
)
from tests.vectors.sealing import Signer, dumps, ordered
from transports import contract as c

P256_OWNER = Signer("owner, P-256", "P-256")
NEW_BOARD = {"policy": c.FIRST_USE}
CONSUMER_BOARD = {**OWNED_BOARD, "profile": c.CONSUMER}
YES, NO, NOBODY = c.OK, c.FORBIDDEN, c.NOT_AUTHENTIC
OWN, GIVE, RELEASE = {1: octets_of(OWNER)}, {1: octets_of(NEXT)}, {2: True}


def before_an_owner() -> dict[str, Case]:
    off_the_curve = {1: dumps(ordered({**P256_OWNER.cose_key, -3: bytes(32)}))}
    return {
        "first owner": (YES, unsigned(TRUST=OWN), NEW_BOARD),
        "first owner, P-256": (YES, unsigned(TRUST={1: octets_of(P256_OWNER)}), NEW_BOARD),
        "first order without an owner": (NO, unsigned(), NEW_BOARD),
        "first owner with a key off the curve": (NO, unsigned(TRUST=off_the_curve), NEW_BOARD),
        "first owner and policy": (NO, unsigned(TRUST={**OWN, 4: c.SIGNED}), NEW_BOARD),
        "first owner and release": (NO, unsigned(TRUST={**OWN, **RELEASE}), NEW_BOARD),
        "first owner and authority": (NO, unsigned(TRUST={**OWN, 3: octets_of(NEXT)}), NEW_BOARD),
        "signed by the authority before an owner": (NOBODY, signed(TRUST=OWN), NEW_BOARD),
        "signed by the owner to be": (NOBODY, signed(OWNER, TRUST=OWN), NEW_BOARD),
        "in PSK mode under first-use": (NOBODY, labelled(TRUST=OWN), NEW_BOARD),
    }


def with_an_owner() -> dict[str, Case]:
    p256_board = {**NEW_BOARD, "owner": octets_of(P256_OWNER).hex()}
    of_the_owner = delegated(certificate(signer=OWNER))
    return {
        "second comer": (NOBODY, unsigned(TRUST=GIVE), OWNED_BOARD),
        "second comer, signing": (NOBODY, signed(NEXT, TRUST=GIVE), OWNED_BOARD),
        "the authority under first-use": (NOBODY, signed(), OWNED_BOARD),
        "signed by the owner": (YES, signed(OWNER), OWNED_BOARD),
        "signed by the owner, P-256": (YES, signed(P256_OWNER), p256_board),
        "installer of the owner": (NOBODY, of_the_owner, OWNED_BOARD),
    }


def changing_hands() -> dict[str, Case]:
    bare = {"NETWORKS": None}
    after = {**CONSUMER_BOARD, "owner": octets_of(NEXT).hex()}
    return {
        "transfer": (YES, signed(OWNER, TRUST=GIVE), CONSUMER_BOARD),
        "transfer, commercial": (NO, signed(OWNER, TRUST=GIVE), OWNED_BOARD),
        "transfer, prototype": (
            NO, signed(OWNER, TRUST=GIVE), {**OWNED_BOARD, "profile": c.PROTOTYPE},
        ),
        "owner after a transfer": (YES, signed(NEXT), after),
        "stale owner after a transfer": (NOBODY, signed(OWNER), after),
        "stale owner takes it back": (NOBODY, signed(OWNER, TRUST=OWN), after),
        "release": (YES, signed(OWNER, TRUST=RELEASE, **bare), CONSUMER_BOARD),
        "release, commercial": (NO, signed(OWNER, TRUST=RELEASE, **bare), OWNED_BOARD),
        "release with settings": (NO, signed(OWNER, TRUST=RELEASE), CONSUMER_BOARD),
        "release and transfer": (
            NO, signed(OWNER, TRUST={**GIVE, **RELEASE}, **bare), CONSUMER_BOARD,
        ),
        "authority by the owner": (NO, signed(OWNER, TRUST={3: octets_of(OWNER)}), CONSUMER_BOARD),
        "owner tightens to label": (YES, signed(OWNER, TRUST={4: c.LABEL}), OWNED_BOARD),
        "owner tightens to signed": (YES, signed(OWNER, TRUST={4: c.SIGNED}), OWNED_BOARD),
        "owner tightens to label without a code": (
            NO, signed(OWNER, TRUST={4: c.LABEL}), {**OWNED_BOARD, "label_key": None},
        ),
        "owner loosens": (NO, signed(OWNER, TRUST={4: c.OPEN_POLICY}), CONSUMER_BOARD),
    }  # fmt: skip
