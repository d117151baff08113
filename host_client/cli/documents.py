"""The results of the commands as JSON: names that stay, octets as hex, numbers beside names."""

from __future__ import annotations

from typing import Any

from host_client.board import BoardInfo, SeenNetwork, Status
from host_client.cli.output import ssid_text
from host_client.discovery import Discovery, Found
from host_client.errors import status_name
from host_client.outcome import Outcome
from host_client.receipt import Receipt


def info_document(info: BoardInfo) -> dict[str, Any]:
    return {
        "protocol": info.protocol,
        "device_id": info.device_id,
        "model": info.model,
        "firmware": info.firmware,
        "state": info.state_name,
        "policy": info.policy_name,
        "profile": info.profile_name,
        "owned": info.owned,
        "window_s": info.window_s,
        "attempts": info.attempts,
        "device_key": info.device_key.hex(),
        "fingerprint": info.fingerprint,
        "suites": list(info.suites),
        "transports": [str(name) for name in info.transports],
        "max_message": info.max_message,
        "sequence": info.sequence,
        "notes": list(info.notes),
        "hostname": info.hostname,
        "certificate": info.certificate.hex() if info.certificate else None,
    }


def network_document(network: SeenNetwork) -> dict[str, Any]:
    return {
        "ssid": ssid_text(network.ssid),
        "ssid_hex": network.ssid.hex(),
        "rssi_dbm": network.rssi_dbm,
        "channel": network.channel,
        "security": network.security_name,
    }


def discovery_document(discovery: Discovery) -> dict[str, Any]:
    return {
        "boards": [_found_document(found) for found in discovery.boards],
        "failures": discovery.failures,
    }


def _found_document(found: Found) -> dict[str, Any]:
    return {
        "url": found.url,
        "name": found.name,
        "rssi_dbm": found.rssi_dbm,
        "info": info_document(found.info) if found.info else None,
        "trouble": found.trouble,
    }


def status_document(status: Status) -> dict[str, Any]:
    return {
        "state": status.state_name,
        "step": status.step_name,
        "order_id": status.order_id.hex() if status.order_id else None,
        "network": status.network,
        "result": None if status.result is None else status_name(status.result),
        "result_code": status.result,
        "reason": status.reason,
        "address": status.address,
    }


def receipt_document(receipt: Receipt) -> dict[str, Any]:
    return {
        "order_id": receipt.order_id.hex(),
        "device_id": receipt.device_id,
        "result": status_name(receipt.result),
        "result_code": receipt.result,
        "address": receipt.address,
        "network": receipt.network,
        "verified": receipt.verified,
        "receipt": receipt.data.hex(),
    }


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    return {
        "order_id": outcome.order_id.hex(),
        "device_id": outcome.device_id,
        "address": outcome.address,
        "network": outcome.receipt.network,
        "receipt": receipt_document(outcome.receipt),
    }
