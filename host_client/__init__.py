"""Latchkey on the host: find a board, hand it one signed and sealed order, check its receipt."""

from host_client.authority import Authority
from host_client.board import BoardInfo, SeenNetwork, Status
from host_client.client import Board, connect
from host_client.credentials import Credentials
from host_client.discovery import Discovery, Found, discover
from host_client.errors import ProvisioningError
from host_client.known_boards import KnownBoards
from host_client.label import Label
from host_client.links.base import RadioBackend
from host_client.order import SealedOrder, Target
from host_client.outcome import Outcome
from host_client.receipt import Receipt, ReceiptSecret
from host_client.settings import Settings

__all__ = [
    "Authority",
    "Board",
    "BoardInfo",
    "Credentials",
    "Discovery",
    "Found",
    "KnownBoards",
    "Label",
    "Outcome",
    "ProvisioningError",
    "RadioBackend",
    "Receipt",
    "ReceiptSecret",
    "SealedOrder",
    "SeenNetwork",
    "Settings",
    "Status",
    "Target",
    "connect",
    "discover",
]
