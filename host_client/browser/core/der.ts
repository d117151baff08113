// DER (ITU-T X.690) as far as a key file needs it: tags of one octet, definite lengths.
import { concat } from "./octets.ts";

export const INTEGER = 0x02;
export const OCTETS = 0x04;
export const SEQUENCE = 0x30;

export interface Item {
  tag: number;
  body: Uint8Array;
  whole: Uint8Array;
}

// One item that holds `parts`, of fewer than 256 octets.
export function der(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  return concat(Uint8Array.of(tag, ...(body.length < 128 ? [] : [0x81]), body.length), body);
}

// The items that stand one after another. Throws RangeError.
export function derItems(octets: Uint8Array): Item[] {
  const items: Item[] = [];
  for (let rest = octets; rest.length > 0; ) {
    const long = rest[1]! > 0x80 ? rest[1]! - 0x80 : 0; // how many octets the length takes
    const start = 2 + long;
    const digits = long ? rest.subarray(2, start) : rest.subarray(1, 2);
    const length = digits.reduce((sum, octet) => sum * 256 + octet, 0);
    if (rest[1] === 0x80 || long > 3 || rest.length < start + length) {
      throw new RangeError("not DER");
    }
    const whole = rest.subarray(0, start + length);
    items.push({ tag: rest[0]!, body: whole.subarray(start), whole });
    rest = rest.subarray(start + length);
  }
  return items;
}

// The items inside one of this tag. Throws RangeError, also where there is none.
export function derInside(item: Item | undefined, tag: number): Item[] {
  return derItems(derBody(item, tag));
}

// The octets of an item of this tag. Throws RangeError, also where there is none.
export function derBody(item: Item | undefined, tag: number): Uint8Array {
  if (item?.tag !== tag) throw new RangeError("another item of DER");
  return item.body;
}
