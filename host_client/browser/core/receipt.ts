// Receipts: the board's proof that it opened this order and what became of it, a COSE_Mac0 under a
// key of the order's HPKE context (host_client/receipt.py).
import { decode } from "./cbor.ts";
import type { Value } from "./cbor.ts";
import {
  RECEIPT_CONTEXT,
  R_ADDRESS,
  R_DEVICE_ID,
  R_DIGEST,
  R_NETWORK,
  R_ORDER_ID,
  R_RESULT,
} from "./contract.ts";
import { MAC0_HEADER, TAG_MAC0, mac0Tag } from "./cose.ts";
import { BadReceipt, BadReply } from "./errors.ts";
import { equal } from "./octets.ts";
import type { ReceiptSecret } from "./order.ts";

export interface Receipt {
  orderId: Uint8Array;
  deviceId: string;
  result: number; // a status of contract.ts
  address: string | null;
  network: number | null;
  verified: boolean; // false where its secret was not at hand
  data: Uint8Array;
}

const MAX_RECEIPT = 1024; // octets

// Decodes a receipt, and checks it where its secret is given. Throws BadReceipt: malformed, not
// under this key, for another order, board or settings.
export function readReceipt(data: Uint8Array, secret?: ReceiptSecret): Receipt {
  const { payload, tag } = takeApart(data);
  if (secret && !equal(mac0Tag(payload, secret.receiptKey, RECEIPT_CONTEXT), tag)) {
    throw new BadReceipt("not made by the board that opened this order");
  }
  const claims = decoded(payload);
  if (!(claims instanceof Map)) throw new BadReceipt("no claims");
  const known = [R_ORDER_ID, R_DEVICE_ID, R_RESULT, R_DIGEST, R_ADDRESS, R_NETWORK] as Value[];
  if (![...claims.keys()].every((key) => known.includes(key))) throw new BadReceipt("other claims");
  const orderId = octets(claims.get(R_ORDER_ID));
  const deviceId = text(claims.get(R_DEVICE_ID));
  const digest = octets(claims.get(R_DIGEST));
  if (secret) checkSubject(secret, orderId, deviceId, digest);
  return {
    orderId,
    deviceId,
    result: number(claims.get(R_RESULT)),
    address: claims.has(R_ADDRESS) ? text(claims.get(R_ADDRESS)) : null,
    network: claims.has(R_NETWORK) ? number(claims.get(R_NETWORK)) : null,
    verified: secret !== undefined,
    data,
  };
}

function takeApart(data: Uint8Array): { payload: Uint8Array; tag: Uint8Array } {
  if (data.length > MAX_RECEIPT || data[0] !== (0xc0 | TAG_MAC0)) throw new BadReceipt("no receipt");
  const parts = decoded(data.subarray(1));
  if (!Array.isArray(parts) || parts.length !== 4) throw new BadReceipt("no COSE_Mac0");
  const [header, unprotected, payload, tag] = parts;
  const plain = unprotected instanceof Map && unprotected.size === 0;
  if (!plain || !equal(octets(header), MAC0_HEADER) || octets(tag).length !== 32) {
    throw new BadReceipt("not HMAC 256/256");
  }
  return { payload: octets(payload), tag: octets(tag) };
}

function decoded(data: Uint8Array): Value {
  try {
    return decode(data);
  } catch (error) {
    if (error instanceof BadReply) throw new BadReceipt(error.message);
    throw error;
  }
}

function checkSubject(
  secret: ReceiptSecret,
  orderId: Uint8Array,
  deviceId: string,
  digest: Uint8Array,
): void {
  const same = equal(orderId, secret.orderId) && deviceId === secret.deviceId;
  if (!same || !equal(digest, secret.digest)) {
    throw new BadReceipt("for another order, board or settings");
  }
}

function octets(value: Value | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new BadReceipt("octets expected");
}

function text(value: Value | undefined): string {
  if (typeof value === "string") return value;
  throw new BadReceipt("text expected");
}

function number(value: Value | undefined): number {
  if (typeof value === "number") return value;
  throw new BadReceipt("number expected");
}
