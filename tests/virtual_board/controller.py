"""A Bumble controller that tells scanners what a real one tells them.

Put right against Bumble 0.0.236: the scan response of a legacy advertiser is its own
data and not a copy of the advertisement; a cancelled connection attempt is cancelled;
an advertisement that is not connectable is not connected to.
"""

from __future__ import annotations

import asyncio
import dataclasses

from bumble import controller as bumble_controller
from bumble import hci, ll

CONNECTABLE_LEGACY = 0x13  # event types of Core 6.0, Vol 4, Part E, 7.7.65.13: ADV_IND
SCANNABLE_LEGACY = 0x12  # ADV_SCAN_IND
NON_CONNECTABLE_LEGACY = 0x10  # ADV_NONCONN_IND
SCAN_RESPONSE_LEGACY = 0x1B  # SCAN_RSP to an ADV_IND
PASSIVE = 0

_Report = hci.HCI_LE_Extended_Advertising_Report_Event.Report
_LegacyReport = hci.HCI_LE_Advertising_Report_Event.Report
_LegacyType = hci.HCI_LE_Advertising_Report_Event.EventType


@dataclasses.dataclass
class FullAdvInd(ll.AdvInd):
    """An advertisement together with what the advertiser answers to a scan request."""

    scan_response: bytes = b""
    connectable: bool = True
    rssi: int = -50


class Advertiser(bumble_controller.LegacyAdvertiser):
    """A legacy advertiser that keeps its interval and carries its scan response."""

    rssi = -50

    def _on_timer_fired(self) -> None:
        # The interval is in units of 0.625 ms (Core 6.0, Vol 4, Part E, 7.8.5).
        self.send_advertising_data()
        interval_s = max(self.advertising_interval_min * 0.000625, 0.02)
        loop = asyncio.get_running_loop()
        self.timer_handle = loop.call_later(interval_s, self._on_timer_fired)

    def send_advertising_data(self) -> None:
        if not self.enabled:
            return
        command = hci.HCI_LE_Set_Advertising_Parameters_Command
        self.controller.send_advertising_pdu(
            FullAdvInd(
                advertiser_address=self.address,
                data=self.advertising_data,
                scan_response=self.scan_response_data,
                connectable=self.advertising_type == command.AdvertisingType.ADV_IND,
                rssi=self.rssi,
            )
        )


_ESTABLISHED_S = 0.03  # six connection intervals, as short as they may be


class RadioController(bumble_controller.Controller):
    """One Bluetooth chip. `extended=False` takes extended advertising away, as old chips."""

    def __init__(self, *args: object, extended: bool = True, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.le_legacy_advertiser = Advertiser(self)
        self.scan_is_active = True
        if not extended:
            self.le_features = self.le_features & ~hci.LeFeatureMask.LE_EXTENDED_ADVERTISING

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        if not isinstance(pdu, FullAdvInd):
            super().on_advertising_pdu(pdu)
            return
        if self.le_scan_enable:
            self._report(pdu, CONNECTABLE_LEGACY if pdu.connectable else NON_CONNECTABLE_LEGACY)
            if self.scan_is_active and pdu.connectable:
                self._report(pdu, SCAN_RESPONSE_LEGACY)
        pending = self.pending_le_connection
        if pending and pdu.connectable and pending.peer_address == pdu.advertiser_address:
            self.create_le_connection(pdu.advertiser_address)

    def create_le_connection(self, peer_address: hci.Address) -> None:
        """Called for an advertisement that a connection is wanted with."""
        super().create_le_connection(peer_address)
        connection = self.le_connections.get(peer_address)
        if connection is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(_ESTABLISHED_S, self._look_at, connection)

    def _look_at(self, connection: bumble_controller.Connection) -> None:
        """Of two that answer one advertisement the other end hears one; the other one's link
        fails to be established (Core 5.4, volume 1, part F, error code 0x3E)."""
        mine = self.le_connections.get(connection.peer_address) is connection
        if mine and self.link.peer_of(connection) is None:
            self.on_le_disconnected(
                connection, hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR
            )

    def _report(self, pdu: FullAdvInd, event_type: int) -> None:
        is_response = event_type == SCAN_RESPONSE_LEGACY
        data = pdu.scan_response if is_response else pdu.data
        if self.le_features & hci.LeFeatureMask.LE_EXTENDED_ADVERTISING:
            report = _Report(
                event_type=event_type,
                address_type=pdu.advertiser_address.address_type,
                address=pdu.advertiser_address,
                primary_phy=hci.Phy.LE_1M,
                secondary_phy=0,
                advertising_sid=0xFF,
                tx_power=0x7F,
                rssi=pdu.rssi,
                periodic_advertising_interval=0,
                direct_address_type=0,
                direct_address=hci.Address.ANY,
                data=data,
            )
            self.send_hci_packet(hci.HCI_LE_Extended_Advertising_Report_Event([report]))
            return
        legacy_type = _LegacyType.SCAN_RSP if is_response else _LegacyType.ADV_IND
        if not pdu.connectable:
            legacy_type = _LegacyType.ADV_NONCONN_IND
        self.send_hci_packet(
            hci.HCI_LE_Advertising_Report_Event(
                [
                    _LegacyReport(
                        event_type=legacy_type,
                        address_type=pdu.advertiser_address.address_type,
                        address=pdu.advertiser_address,
                        data=data,
                        rssi=pdu.rssi,
                    )
                ]
            )
        )

    def on_hci_le_set_extended_scan_parameters_command(
        self, command: hci.HCI_LE_Set_Extended_Scan_Parameters_Command
    ) -> hci.HCI_StatusReturnParameters:
        self.scan_is_active = command.scan_types[0] != PASSIVE
        return super().on_hci_le_set_extended_scan_parameters_command(command)

    def on_hci_le_set_scan_parameters_command(
        self, command: hci.HCI_LE_Set_Scan_Parameters_Command
    ) -> hci.HCI_StatusReturnParameters:
        self.scan_is_active = command.le_scan_type != PASSIVE
        return super().on_hci_le_set_scan_parameters_command(command)

    def on_hci_le_create_connection_cancel_command(
        self, command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is not None:
            self.send_hci_packet(
                hci.HCI_LE_Connection_Complete_Event(
                    status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                    connection_handle=0,
                    role=hci.Role.CENTRAL,
                    peer_address_type=pending.peer_address.address_type,
                    peer_address=pending.peer_address,
                    connection_interval=0,
                    peripheral_latency=0,
                    supervision_timeout=0,
                    central_clock_accuracy=0,
                )
            )
        return super().on_hci_le_create_connection_cancel_command(command)
