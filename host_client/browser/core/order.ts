// Orders: built from settings, proved in the form that the board's policy wants, sealed to it
// (host_client/order.py).
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { encode } from "./cbor.ts";
import {
  CLAIM_AUDIENCE,
  CLAIM_ISSUED,
  CLAIM_NONCE,
  CLAIM_ORDER_ID,
  CLAIM_SEQUENCE,
  CLAIM_SUITE,
  EXPORT_DIGEST_KEY,
  EXPORT_RECEIPT_KEY,
  MAX_MESSAGE,
  ORDER_CONTEXT,
  ORDER_ID_LENGTH,
} from "./contract.ts";
import { encrypt0 } from "./cose.ts";
import { BadInput } from "./errors.ts";
import { HPKE_4 } from "./hpke.ts";
import type { Suite } from "./hpke.ts";
import { random, utf8 } from "./octets.ts";
import type { Proof } from "./proof.ts";
import { toClaims } from "./settings.ts";
import type { Settings } from "./settings.ts";

export const MAX_ORDER = MAX_MESSAGE - 1; // over BLE one octet names the operation

export interface Target {
  deviceId: string;
  deviceKey: Uint8Array; // X25519, 32 octets
}

// What whoever sealed an order keeps to check its receipt; key and digest have 32 octets.
export interface ReceiptSecret {
  orderId: Uint8Array;
  deviceId: string;
  receiptKey: Uint8Array;
  digest: Uint8Array;
}

export interface SealedOrder {
  orderId: Uint8Array;
  deviceId: string;
  data: Uint8Array;
  secret?: ReceiptSecret; // only where the order was made
  networks: number; // how many will be tried
}

export interface Choices {
  nonce?: Uint8Array; // of the board's window, 16 octets: makes the order fresh
  sequence?: number; // default: Unix time in milliseconds
  issued?: number; // Unix time in seconds; default: now
  suite?: Suite;
  orderId?: Uint8Array; // 16 octets; default: random
}

// Throws BadInput for settings that no board would take, and for a board's key that is none.
export function sealOrder(
  settings: Settings,
  target: Target,
  proof: Proof,
  choices: Choices = {},
): SealedOrder & { secret: ReceiptSecret } {
  const { deviceId } = target;
  const { suite = HPKE_4, orderId = random(ORDER_ID_LENGTH) } = choices;
  const claims = toClaims(proof.amend ? proof.amend(settings) : settings);
  const now = Date.now();
  claims.set(CLAIM_AUDIENCE, deviceId);
  claims.set(CLAIM_ISSUED, choices.issued ?? Math.floor(now / 1000));
  claims.set(CLAIM_ORDER_ID, orderId);
  claims.set(CLAIM_SUITE, suite.algorithm);
  claims.set(CLAIM_SEQUENCE, choices.sequence ?? now);
  if (choices.nonce) claims.set(CLAIM_NONCE, choices.nonce);
  const payload = encode(claims);
  const { data, exportSecret } = sealTo(target, proof, payload, suite);
  if (data.length > MAX_ORDER) throw new BadInput("order-length");
  const receiptKey = exportSecret(utf8(EXPORT_RECEIPT_KEY), 32);
  const digest = hmac(sha256, exportSecret(utf8(EXPORT_DIGEST_KEY), 32), payload);
  const secret = { orderId, deviceId, receiptKey, digest };
  return { orderId, deviceId, data, secret, networks: settings.networks.length };
}

function sealTo({ deviceId, deviceKey }: Target, proof: Proof, payload: Uint8Array, suite: Suite) {
  const message = proof.wrap(payload);
  const psk = proof.psk?.(deviceId);
  try {
    return encrypt0(message, deviceKey, ORDER_CONTEXT, suite, psk);
  } catch {
    throw new BadInput("board-key");
  }
}
