// Why a board should obey an order: one function for each form that a policy knows
// (host_client/proof.py); those of owners are in owner_proof.ts.
import { Tag, encode } from "./cbor.ts";
import { checkCode, labelKey } from "./label.ts";
import type { Settings } from "./settings.ts";
import { concat } from "./octets.ts";

export interface Proof {
  // What is sealed: the claims, signed or marked as unsigned.
  wrap(payload: Uint8Array): Uint8Array;
  // The key (32 octets) to seal with in PSK mode; absent: base mode.
  psk?(deviceId: string): Uint8Array;
  // The settings, with what the form itself must say.
  amend?(settings: Settings): Settings;
}

// The head of a claims set without a signature, UCCS (RFC 9781): tag 601 and no item yet.
const UCCS = encode(new Tag(601, null)).slice(0, -1);

// Claims without a signature.
export function unsigned(payload: Uint8Array): Uint8Array {
  return concat(UCCS, payload);
}

// By anybody: for boards that take orders from whoever is in reach, in demonstrations.
export function anybody(): Proof {
  return { wrap: unsigned };
}

// By who has read the label: sealed with its code as well as to the board's key. Throws BadInput.
export function labelCode(code: string): Proof {
  const checked = checkCode(code);
  return { wrap: unsigned, psk: (deviceId) => labelKey(checked, deviceId) };
}
