// What a board says of itself, decoded from its replies as host_client/board.py does: fields that
// are not known are ignored, those that are have the protocol's type and length. None of it is
// authenticated: anybody in reach can answer. Only a receipt proves anything.
import { decode } from "./cbor.ts";
import type { Value } from "./cbor.ts";
import * as c from "./contract.ts";
import { BadReply, Refused } from "./errors.ts";

export interface BoardInfo {
  deviceId: string;
  model: string;
  firmware: string;
  state: number;
  policy: number;
  windowS: number; // seconds that are left of the window
  attempts: number; // orders that may still be refused in it
  nonce: Uint8Array | null; // of this window, 16 octets; null while it is shut
  deviceKey: Uint8Array; // X25519, 32 octets
  suites: number[]; // of HPKE, preferred first
  transports: (number | string)[];
  maxMessage: number; // octets
  sequence: number | null; // the highest kept
  notes: string[];
  certificate: Uint8Array | null;
  profile: number | null;
  owned: boolean | null; // null where the policy knows no owner
  hostname: string | null; // without ".local"
}

export interface SeenNetwork {
  ssid: Uint8Array; // at most 32 octets, of no particular encoding
  rssi: number; // dBm
  channel: number;
  security: number; // SECURITY_NAMES
}

// How far an order is. `result` (a status code) is there once it has ended.
export interface Status {
  state: number;
  step: number;
  network: number | null; // index of the one in hand
  result: number | null;
  reason: number | string | null; // the Wi-Fi driver's own code
  address: string | null;
  orderId: Uint8Array | null;
}

// What a value must be: undefined for one that is not.
type Kind<Type> = (value: Value) => Type | undefined;

const DEVICE_KEY_LENGTH = 32;
const MAX_SSID = 32;

// One beyond 2^53 comes near enough: none of the protocol is so large.
const integer: Kind<number> = (value) =>
  typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
const text: Kind<string> = (value) => (typeof value === "string" ? value : undefined);
const flag: Kind<boolean> = (value) => (typeof value === "boolean" ? value : undefined);
const integerOrText: Kind<number | string> = (value) => text(value) ?? integer(value);

function octets(length?: number): Kind<Uint8Array> {
  return (value) =>
    value instanceof Uint8Array && value.length === (length ?? value.length) ? value : undefined;
}

function list<Type>(kind: Kind<Type>): Kind<Type[]> {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const items = value.map(kind);
    return items.some((item) => item === undefined) ? undefined : (items as Type[]);
  };
}

const seenNetwork: Kind<SeenNetwork> = (value) => {
  const [first, ...numbers] = Array.isArray(value) ? value : [];
  const ssid = octets()(first ?? null);
  const [rssi, channel, security, more] = list(integer)(numbers) ?? [];
  if (!ssid || ssid.length > MAX_SSID || security === undefined || more !== undefined) return;
  return { ssid, rssi: rssi!, channel: channel!, security };
};

// One reply: a map with integer keys, and a status.
export class Reply {
  readonly status: number;
  private readonly fields: Map<Value, Value>;

  // Throws BadReply.
  constructor(data: Uint8Array) {
    if (data.length > c.MAX_MESSAGE) throw new BadReply("longer than the protocol allows");
    const fields = decode(data);
    if (!(fields instanceof Map) || !list(integer)([...fields.keys()])) {
      throw new BadReply("not a map with integer keys");
    }
    this.fields = fields;
    this.status = this.need(c.F_STATUS, integer);
  }

  // This reply, if its status is good. Throws Refused.
  good(): Reply {
    if (this.status !== c.OK && this.status !== c.ACCEPTED) throw new Refused(this.status);
    return this;
  }

  need<Type>(field: number, kind: Kind<Type>): Type {
    const value = this.fields.get(field);
    const read = value === undefined ? value : kind(value);
    if (read === undefined) throw new BadReply(`field ${field} is missing, or of another type`);
    return read;
  }

  // As `need`, with what stands for an absent field; null may also be written.
  may<Type, Other>(field: number, kind: Kind<Type>, absent: Other): Type | Other {
    const value = this.fields.get(field);
    if (value === undefined || (value === null && absent === null)) return absent;
    return this.need(field, kind);
  }

  // A reason of another type is none.
  get reason(): number | string | null {
    return integerOrText(this.fields.get(c.F_REASON) ?? null) ?? null;
  }
}

// Throws BadReply: a field is missing or of another type, or it is another protocol.
export function boardInfo(reply: Reply): BoardInfo {
  if (reply.need(c.F_PROTOCOL, integer) !== c.PROTOCOL_VERSION) throw new BadReply("protocol");
  return {
    deviceId: reply.need(c.F_DEVICE_ID, text),
    model: reply.may(c.F_MODEL, text, ""),
    firmware: reply.may(c.F_FIRMWARE, text, ""),
    state: reply.need(c.F_STATE, integer),
    policy: reply.need(c.F_POLICY, integer),
    windowS: reply.may(c.F_WINDOW_S, integer, 0),
    attempts: reply.may(c.F_ATTEMPTS, integer, 0),
    nonce: reply.may(c.F_NONCE, octets(c.NONCE_LENGTH), null),
    deviceKey: reply.need(c.F_DEVICE_KEY, octets(DEVICE_KEY_LENGTH)),
    suites: reply.may(c.F_SUITES, list(integer), []),
    transports: reply.may(c.F_TRANSPORTS, list(integerOrText), []),
    maxMessage: reply.may(c.F_MAX_MESSAGE, integer, c.MAX_MESSAGE),
    sequence: reply.may(c.F_SEQUENCE, integer, null),
    notes: reply.may(c.F_NOTES, list(text), []),
    certificate: reply.may(c.F_CERTIFICATE, octets(), null),
    profile: reply.may(c.F_PROFILE, integer, null),
    owned: reply.may(c.F_OWNED, flag, null),
    hostname: reply.may(c.F_HOSTNAME, text, null),
  };
}

// One page of a scan, and how many there are. Throws BadReply.
export function seenNetworks(reply: Reply): { networks: SeenNetwork[]; pages: number } {
  return {
    networks: reply.may(c.F_NETWORKS, list(seenNetwork), []),
    pages: reply.may(c.F_PAGES, integer, 1),
  };
}

// Throws BadReply.
export function boardStatus(reply: Reply): Status {
  return {
    state: reply.need(c.F_STATE, integer),
    step: reply.may(c.F_STEP, integer, c.IDLE),
    network: reply.may(c.F_NETWORK, integer, null),
    result: reply.may(c.F_RESULT, integer, null),
    reason: reply.reason,
    address: reply.may(c.F_ADDRESS, text, null),
    orderId: reply.may(c.F_ORDER_ID, octets(c.ORDER_ID_LENGTH), null),
  };
}

// The octets of a receipt, not looked into (receipt.ts). Throws BadReply.
export function receiptOctets(reply: Reply): Uint8Array {
  return reply.need(c.F_RECEIPT, octets());
}
