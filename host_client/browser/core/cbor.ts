// Deterministic CBOR, written and read (RFC 8949 section 4.2.1), as far as the protocol uses it:
// integers, octets, text without NUL, arrays, maps with integer or text keys, tags, booleans, null.
// What was not written in the one right way is refused, and no claimed length is believed.
import { BadReply } from "./errors.ts";
import { concat, fromUtf8, utf8 } from "./octets.ts";

export class CborError extends BadReply {}

export class Tag {
  constructor(
    readonly number: number,
    readonly value: Value,
  ) {}
}

// Integers up to 64 bits: a number where it is a safe one, else a bigint.
export type Value =
  | number
  | bigint
  | string
  | boolean
  | null
  | Uint8Array
  | Value[]
  | Map<Value, Value>
  | Tag;

const MAX_DEPTH = 8; // containers and tags inside one another
const UINT = 0;
const NINT = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const TAG = 6;
const MAX_UINT = 2n ** 64n;

// Throws CborError for what CBOR, or this part of it, has no form for.
export function encode(value: Value): Uint8Array {
  if (value === null) return Uint8Array.of(0xf6);
  if (typeof value === "boolean") return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (typeof value === "string") return encodeText(value);
  if (value instanceof Uint8Array) return concat(head(BYTES, value.length), value);
  if (Array.isArray(value)) return concat(head(ARRAY, value.length), ...value.map(encode));
  if (value instanceof Map) return encodeMap(value);
  if (value instanceof Tag) return concat(head(TAG, value.number), encode(value.value));
  return value < 0 ? head(NINT, -1n - whole(value)) : head(UINT, value);
}

function encodeText(text: string): Uint8Array {
  if (/\0|[\ud800-\udfff]/u.test(text)) throw new CborError("not a text"); // a lone surrogate
  const octets = utf8(text);
  return concat(head(TEXT, octets.length), octets);
}

function encodeMap(map: Map<Value, Value>): Uint8Array {
  const pairs = [...map].map(([key, value]) => [encodeKey(key), encode(value)] as const);
  pairs.sort(([one], [other]) => compare(one, other));
  pairs.forEach(([key], i) => {
    if (i > 0 && compare(pairs[i - 1]![0], key) === 0) throw new CborError("a key twice");
  });
  return concat(head(MAP, pairs.length), ...pairs.flat());
}

function encodeKey(key: Value): Uint8Array {
  if (!["number", "bigint", "string"].includes(typeof key)) throw new CborError("not a map key");
  return encode(key);
}

function whole(value: number | bigint): bigint {
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new CborError("a fraction");
  return BigInt(value);
}

// The first 1 to 9 octets of an item, in the shortest form (RFC 8949 section 3).
function head(major: number, argument: number | bigint): Uint8Array {
  let rest = whole(argument);
  if (rest >= MAX_UINT) throw new CborError("beyond 64 bits");
  if (rest < 24) return Uint8Array.of((major << 5) | Number(rest));
  const info = rest < 0x100 ? 24 : rest < 0x10000 ? 25 : rest < 0x100000000 ? 26 : 27;
  const octets = new Uint8Array(1 + (1 << (info - 24)));
  octets[0] = (major << 5) | info;
  for (let i = octets.length - 1; i > 0; i--, rest >>= 8n) octets[i] = Number(rest & 255n);
  return octets;
}

// Below zero where `one` comes first, bytewise. No encoded item is the beginning of another.
function compare(one: Uint8Array, other: Uint8Array): number {
  const at = one.findIndex((octet, i) => octet !== other[i]);
  return at < 0 ? 0 : one[at]! - (other[at] ?? 0);
}

// The one item that `octets` holds; `tags`: those that may occur in it. Throws CborError.
export function decode(octets: Uint8Array, tags: readonly number[] = []): Value {
  const reader = new Reader(octets, tags);
  const value = reader.item(MAX_DEPTH);
  if (reader.at !== octets.length) throw new CborError("octets after the end");
  return value;
}

class Reader {
  at = 0;

  constructor(
    private readonly octets: Uint8Array,
    private readonly tags: readonly number[],
  ) {}

  item(depth: number): Value {
    const first = this.take(1)[0]!;
    const major = first >> 5;
    if (major > TAG) return simple(first);
    const argument = this.argument(first & 31);
    if (major === UINT) return narrow(argument);
    if (major === NINT) return narrow(-1n - argument);
    const count = Number(argument);
    if (major === BYTES) return this.take(count).slice();
    if (major === TEXT) return this.text(count);
    if (depth === 0) throw new CborError("nested too deeply");
    if (major === ARRAY) return this.array(count, depth - 1);
    if (major === MAP) return this.map(count, depth - 1);
    if (!this.tags.includes(count)) throw new CborError("a tag where none belongs");
    return new Tag(count, this.item(depth - 1));
  }

  private take(count: number): Uint8Array {
    const end = this.at + count;
    if (end > this.octets.length) throw new CborError("cut short");
    const part = this.octets.subarray(this.at, end);
    this.at = end;
    return part;
  }

  private argument(info: number): bigint {
    if (info < 24) return BigInt(info);
    if (info > 27) throw new CborError("an indefinite length, or a reserved head");
    const size = 1 << (info - 24);
    const argument = this.take(size).reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
    const least = size === 1 ? 24n : 1n << BigInt(4 * size);
    if (argument < least) throw new CborError("not the shortest form");
    return argument;
  }

  private text(count: number): string {
    const text = fromUtf8(this.take(count));
    if (text === null || text.includes("\0")) throw new CborError("not a text");
    return text;
  }

  private array(count: number, depth: number): Value[] {
    const items: Value[] = [];
    while (items.length < count) items.push(this.item(depth));
    return items;
  }

  private map(count: number, depth: number): Map<Value, Value> {
    const pairs = new Map<Value, Value>();
    let before: Uint8Array | null = null;
    for (let i = 0; i < count; i++) {
      const start = this.at;
      const key = this.item(0);
      if (typeof key === "object" || typeof key === "boolean") throw new CborError("not a map key");
      const encoded = this.octets.subarray(start, this.at);
      if (before && compare(before, encoded) >= 0) throw new CborError("keys not ascending");
      before = encoded;
      pairs.set(key, this.item(depth));
    }
    return pairs;
  }
}

function simple(first: number): Value {
  if (first === 0xf6) return null;
  if (first === 0xf4 || first === 0xf5) return first === 0xf5;
  throw new CborError("a float, or an unknown simple value");
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
