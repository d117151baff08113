"""Which form of order a board gets: never one that the caller has not agreed to."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from host_client.authority import Authority
from host_client.credentials import Credentials
from host_client.errors import AuthorityError, BadCertificate, BadReply, BadSettings, WrongPolicy
from host_client.label import new_code
from host_client.proof import Anybody, FirstUse, LabelCode, Proof, SignedBy
from host_client.settings import parse_settings
from tests.host.test_installer import certified
from transports import contract as c

POLICIES = (c.SIGNED, c.LABEL, c.FIRST_USE, c.OPEN_POLICY)
CODE = new_code()


def outcome(credentials: Credentials, policy: int, owned: bool) -> type[Proof] | None:
    try:
        return type(credentials.prove(policy, owned))
    except (WrongPolicy, AuthorityError):
        return None


@pytest.fixture
def owner() -> Authority:
    return Authority.generate("owner")


def test_every_form_for_who_agreed_to_it(authority: Authority, owner: Authority) -> None:
    cases: list[tuple[dict[str, Any], int, bool, type[Proof]]] = [
        ({"authority": authority}, c.SIGNED, False, SignedBy),
        ({"default_authority": lambda: authority, "label_code": CODE}, c.SIGNED, False, SignedBy),
        ({"label_code": CODE}, c.LABEL, False, LabelCode),
        ({"owner": owner}, c.FIRST_USE, True, SignedBy),
        ({"owner": owner, "first_use": True}, c.FIRST_USE, True, SignedBy),
        ({"owner": owner, "first_use": True}, c.FIRST_USE, False, FirstUse),
        ({"allow_open": True}, c.OPEN_POLICY, False, Anybody),
    ]
    for given, policy, owned, form in cases:
        assert outcome(Credentials(**given), policy, owned) is form


def test_a_board_talks_nobody_into_a_weaker_form(authority: Authority, owner: Authority) -> None:
    """All 64 sets of credentials against all that a board can say of itself."""
    unsigned: tuple[type[Proof], ...] = (LabelCode, FirstUse, Anybody)
    seen = 0
    for given in itertools.product((False, True), repeat=6):
        with_authority, with_owner, code, first_use, allow_open, default = given
        credentials = Credentials(
            authority if with_authority else None,
            owner if with_owner else None,
            CODE if code else None,
            first_use,
            allow_open,
            (lambda: authority) if default else None,
        )
        for policy, owned in itertools.product(POLICIES, (False, True)):
            form = outcome(credentials, policy, owned)
            seen += form in unsigned
            if form in unsigned:
                assert not with_authority
            if form is LabelCode:
                assert code and not with_owner
            if form is FirstUse:
                assert first_use and with_owner and not owned
            if form is Anybody:
                assert allow_open and not with_owner
            if form is SignedBy:
                assert with_authority or with_owner or default
    assert seen > 10


@pytest.mark.parametrize(
    ("policy", "told"),
    [(c.LABEL, "--label"), (c.FIRST_USE, "--first-use"), (c.OPEN_POLICY, "--allow-open")],
)
def test_tells_what_to_give(authority: Authority, policy: int, told: str) -> None:
    credentials = Credentials(default_authority=lambda: authority)
    with pytest.raises(WrongPolicy) as caught:
        credentials.prove(policy, False)
    assert told in caught.value.remedy


def test_the_default_is_asked_for_only_where_it_is_wanted() -> None:
    def never() -> Authority:
        raise AssertionError("a passphrase was asked for")

    assert outcome(Credentials(label_code=CODE, default_authority=never), c.LABEL, False)


def test_refuses_to_begin_with_nothing() -> None:
    for credentials in (Credentials(), Credentials(first_use=True)):
        with pytest.raises(AuthorityError):
            credentials.check()


@pytest.mark.parametrize("policy", [-1, 4, 99])
def test_refuses_a_policy_it_does_not_know(authority: Authority, policy: int) -> None:
    with pytest.raises(BadReply):
        Credentials(authority).prove(policy, False)


def test_an_installer_is_no_owner(authority: Authority, owner: Authority) -> None:
    installer = certified(authority, owner)
    for credentials in (
        Credentials(owner=installer),
        Credentials(owner=installer, first_use=True),
    ):
        with pytest.raises(BadCertificate):
            credentials.prove(c.FIRST_USE, not credentials.first_use)


def test_the_first_order_names_the_owner_and_nothing_else(owner: Authority) -> None:
    proof = FirstUse(owner)
    amended = proof.amend(parse_settings({"app": "x"}))
    assert amended.to_claims()[c.CLAIM_TRUST] == {1: owner.public_key}
    assert proof.amend(amended) == amended
    for trust in ({"policy": "label"}, {"owner": Authority.generate("x").public_key}):
        with pytest.raises(BadSettings):
            proof.amend(parse_settings({"app": "x", "trust": trust}))


def test_no_repr_shows_a_code() -> None:
    credentials = Credentials(label_code=CODE)
    assert CODE not in repr(credentials) + repr(credentials.prove(c.LABEL, False))
