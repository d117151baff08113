// Why a board should obey an order: one function for each form that a policy knows
// (host_client/proof.py).
import { Tag, encode } from "./cbor.ts";
import { ORDER_CONTEXT } from "./contract.ts";
import { sign1 } from "./cose.ts";
import { checkCode, labelKey } from "./label.ts";
import { coseKey, sign } from "./owner.ts";
import type { OwnerKey } from "./owner.ts";
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

function wrap(payload: Uint8Array): Uint8Array {
  return concat(UCCS, payload);
}

// By anybody: for boards that take orders from whoever is in reach, in demonstrations.
export function anybody(): Proof {
  return { wrap };
}

// By who has read the label: sealed with its code as well as to the board's key. Throws BadInput.
export function labelCode(code: string): Proof {
  const checked = checkCode(code);
  return { wrap, psk: (deviceId) => labelKey(checked, deviceId) };
}

// By who comes first, and leaves the key that later orders are signed with. The private half must
// be kept safe before such an order is sent: who loses it can never change the board again.
export function firstUse(owner: OwnerKey): Proof {
  return { wrap, amend: (settings) => ({ ...settings, trust: { owner: coseKey(owner) } }) };
}

// By the board's owner.
export function signedBy(owner: OwnerKey): Proof {
  return { wrap: (payload) => sign1(payload, ORDER_CONTEXT, (message) => sign(owner, message)) };
}
