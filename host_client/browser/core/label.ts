// Labels: what is printed on a board, and what of it is typed by hand, by the rules of
// host_client/label.py. No error repeats any of it.
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { LABEL_KEY_LENGTH, LABEL_SALT } from "./contract.ts";
import { BadInput } from "./errors.ts";
import { equal, utf8 } from "./octets.ts";

export interface Label {
  deviceId: string;
  fingerprint26: string; // of the board's key: 26 characters of base32
  code: string | null; // 21 characters, a secret
  transports: string; // "W", "B" or "WB"
  host: string;
}

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's: no I, L, O, U
const CODE_LENGTH = 20; // characters, the check character not counted
const DEFAULT_HOST = "latchkey.example";
const MAX_TEXT = 320;

// White space as Python knows it, so that both programs take the same texts.
const SPACE = "[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const EDGES = new RegExp(`^${SPACE}+|${SPACE}+$`, "g");
const IGNORED = new RegExp(`${SPACE}|-`, "g");
const MEANT_AS_LABEL = /^(https?:|LK\d+:)/i;
const HOST = "[a-z0-9](?:[a-z0-9.-]{0,127}[a-z0-9])?(?::[0-9]{1,5})?";
const TEXT = new RegExp(
  `^(?:https://(${HOST})/p#)?` +
    "LK1:([A-Za-z0-9._-]{1,32}):([A-Z2-7]{26}):([0-9A-HJKMNP-TV-Z]{21})?:(WB?|B)$",
);

// A code as typed, normalised to 21 characters.
// Throws BadInput: label-character, label-length, label-check.
export function checkCode(text: string): string {
  let typed = text.replace(IGNORED, "");
  if (/^[\0-\x7f]*$/.test(typed)) {
    typed = typed.toUpperCase().replace(/[IL]/g, "1").replace(/O/g, "0");
  }
  if (!/^[0-9A-HJKMNP-TV-Z]*$/.test(typed)) throw new BadInput("label-character");
  if (typed.length !== CODE_LENGTH + 1) throw new BadInput("label-length");
  if (checkCharacter(typed.slice(0, -1)) !== typed.slice(-1)) throw new BadInput("label-check");
  return typed;
}

// Luhn's algorithm modulo 32 (ISO/IEC 7812-1, for 32 characters instead of ten digits).
function checkCharacter(body: string): string {
  const values = Array.from(body, (character) => ALPHABET.indexOf(character)).reverse();
  const doubled = values.map((value, place) => value * (place % 2 === 0 ? 2 : 1));
  const total = doubled.reduce((sum, value) => sum + (value >> 5) + (value & 31), 0);
  return ALPHABET[-total & 31]!;
}

// The pre-shared key (32 octets) that a code stands for on one board (RFC 5869). Throws BadInput.
export function labelKey(code: string, deviceId: string): Uint8Array {
  const body = utf8(checkCode(code).slice(0, CODE_LENGTH));
  return hkdf(sha256, body, utf8(LABEL_SALT), utf8(deviceId), LABEL_KEY_LENGTH);
}

// A label's text, a URL or what comes behind its `#`, to the letter. Throws BadInput: label-text,
// label-check.
export function parseLabel(text: string): Label {
  const parts = text.length <= MAX_TEXT && TEXT.exec(text);
  if (!parts) throw new BadInput("label-text");
  const [, host = DEFAULT_HOST, deviceId, fingerprint26, code, transports] = parts;
  if (code) checkCode(code);
  return {
    deviceId: deviceId!,
    fingerprint26: fingerprint26!,
    code: code ?? null,
    transports: transports!,
    host,
  };
}

// A whole label, or a code alone. Throws BadInput.
export function readLabel(text: string): { label: Label | null; code: string | null } {
  const plain = text.replace(EDGES, "");
  if (!MEANT_AS_LABEL.test(plain)) return { label: null, code: checkCode(plain) };
  const label = parseLabel(plain);
  return { label, code: label.code };
}

// The fingerprint of a board's key (32 octets) as labels carry it.
function keyFingerprint(deviceKey: Uint8Array): string {
  const digest = sha256(deviceKey).subarray(0, 17); // 26 characters hold 130 bits
  const bits = Array.from(digest, (octet) => octet.toString(2).padStart(8, "0")).join("");
  return Array.from({ length: 26 }, (_, i) => {
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[parseInt(bits.slice(5 * i, 5 * i + 5), 2)];
  }).join("");
}

// Whether a board's key is the one that the label vouches for.
export function labelMatches(label: Label, deviceKey: Uint8Array): boolean {
  return equal(utf8(keyFingerprint(deviceKey)), utf8(label.fingerprint26));
}
