// Octets and their written forms. Decoders throw RangeError for what is none of theirs.

const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

// The text of octets that are UTF-8 to the letter, null for any others.
export function fromUtf8(octets: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return null;
  }
}

export function hex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) throw new RangeError("not hexadecimal");
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

export function base64(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) text += String.fromCharCode(octet);
  return btoa(text);
}

// Base64 or base64url, with padding or without, white space ignored.
export function fromBase64(text: string): Uint8Array {
  const padded = text.replace(/\s/g, "").replace(/-/g, "+").replace(/_/g, "/");
  let end = padded.length; // not /=+$/: for many `=` before something else some engines take ages
  while (padded[end - 1] === "=") end--;
  const plain = padded.slice(0, end);
  if (plain.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(plain)) throw new RangeError("not base64");
  return Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// Whether they are the same, in a time that does not tell where they differ.
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  a.forEach((octet, i) => (difference |= octet ^ b[i]!));
  return difference === 0;
}

// From the browser's generator, which pages without TLS have, too (unlike crypto.subtle).
export function random(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
