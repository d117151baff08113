// Orders made elsewhere, as a file or as pasted text, and the receipts that go back
// (host_client/bundle.py).
import { unarmor } from "./armor.ts";
import { decode, encode } from "./cbor.ts";
import type { Value } from "./cbor.ts";
import { MAX_NETWORKS, MAX_SEQUENCE, ORDER_ID_LENGTH } from "./contract.ts";
import { TAG_ENCRYPT0 } from "./cose.ts";
import { BadInput } from "./errors.ts";
import { fromBase64, fromUtf8, utf8 } from "./octets.ts";
import { MAX_ORDER } from "./order.ts";

// A sealed order and what is known of it without opening it: of a bare one nothing is.
export interface CarriedOrder {
  orderId: Uint8Array | null;
  deviceId: string | null;
  data: Uint8Array;
  networks: number; // how many will be tried; of a bare one the most there can be
  sequence?: number;
  expires?: number; // Unix time
}

export interface CarriedReceipt {
  orderId: Uint8Array;
  deviceId: string;
  data: Uint8Array;
}

const ARMOR = "LATCHKEY ORDERS"; // the words in the lines around a file's text
const ORDERS = "latchkey-orders/1";
const RECEIPTS = "latchkey-receipts/1";
export const MAX_FILE = 1 << 20; // octets, or characters
const BYTE_ORDER_MARK = 0xef; // the first octet of it
const SEALED = 0xc0 | TAG_ENCRYPT0; // the first octet of a sealed order

// A file of orders, one sealed order, or either as text: armored, or in bare base64.
// Throws BadInput: orders-file, orders-size (more than MAX_FILE; the host reads more).
export function readOrders(input: Uint8Array | string): CarriedOrder[] {
  if (input.length > MAX_FILE) throw new BadInput("orders-size");
  try {
    const octets = typeof input === "string" ? fromText(input) : fromFile(input);
    return octets[0] === SEALED ? [bareOrder(octets)] : readEntries(octets).map(readEntry);
  } catch {
    throw new BadInput("orders-file");
  }
}

// A file of receipts as they were fetched, for `latchkey order check`.
export function writeReceipts(receipts: CarriedReceipt[]): Uint8Array {
  const entries = receipts.map(({ orderId, deviceId, data }) => {
    return new Map<Value, Value>([
      ["order_id", orderId],
      ["device_id", deviceId],
      ["receipt", data],
    ]);
  });
  return encode(new Map<Value, Value>([["format", RECEIPTS], ["entries", entries]]));
}

function fromText(text: string): Uint8Array {
  return unarmor(ARMOR, text) ?? fromBase64(text);
}

// A file may hold the text as well: neither an order nor a map of CBOR begins as a text does, be it
// with a byte order mark, which counts as white space.
function fromFile(octets: Uint8Array): Uint8Array {
  if (octets[0]! > 0x7f && octets[0] !== BYTE_ORDER_MARK) return octets;
  return fromText(fromUtf8(octets) ?? "");
}

function bareOrder(data: Uint8Array): CarriedOrder {
  decode(data, [TAG_ENCRYPT0]);
  return { orderId: null, deviceId: null, data: within(data, MAX_ORDER), networks: MAX_NETWORKS };
}

function readEntries(octets: Uint8Array): Value[] {
  const file = decode(octets);
  if (file instanceof Map && file.size === 2 && file.get("format") === ORDERS) {
    const entries = file.get("entries");
    if (Array.isArray(entries)) return entries;
  }
  throw new RangeError("not a file of orders");
}

function readEntry(entry: Value): CarriedOrder {
  if (!(entry instanceof Map)) throw new RangeError("not a map");
  const orderId = within(entry.get("order_id"), ORDER_ID_LENGTH, ORDER_ID_LENGTH);
  const deviceId = entry.get("device_id");
  if (typeof deviceId !== "string") throw new RangeError("no text");
  within(utf8(deviceId), 32);
  const sequence = upTo(MAX_SEQUENCE, entry.get("sequence"));
  const expires = upTo(MAX_SEQUENCE, entry.get("expires"));
  return {
    orderId,
    deviceId,
    data: within(entry.get("order"), MAX_ORDER),
    networks: upTo(MAX_NETWORKS, entry.get("networks")) ?? 0,
    ...(sequence !== undefined && { sequence }),
    ...(expires !== undefined && { expires }),
  };
}

function within(value: Value | undefined, most: number, least = 1): Uint8Array {
  if (value instanceof Uint8Array && value.length >= least && value.length <= most) return value;
  throw new RangeError("no octets, or the wrong number");
}

function upTo(most: number, value: Value | undefined): number | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "number" && value >= 0 && value <= most) return value;
  throw new RangeError("no number, or beyond");
}
