// Names of networks: octets, which need not be text, for people and back.
import { BadInput } from "../core/errors.ts";
import { fromHex, fromUtf8, hex, utf8 } from "../core/octets.ts";

// Controls, what turns the direction of writing, and what leaves nothing to see or looks like a
// space and is none: two names that differ are to look different. What makes a sign an emoji
// (U+FE0F) may stay behind one; digits and the like are none without their keycap (U+20E3).
const UNSHOWN =
  /([^\P{Emoji}\0-\x7f]\ufe0f|[#*0-9]\ufe0f\u20e3)|[\p{C}\p{DI}\p{Zl}\p{Zp}\u2800]|[^\P{Zs} ]/gu;

// An SSID as it is shown: text, with what cannot be shown as text escaped.
export function shownSsid(ssid: Uint8Array): string {
  const text = fromUtf8(ssid);
  if (text === null) return Array.from(ssid, shownOctet).join("");
  const shown = text.replace(UNSHOWN, (character, emoji) => emoji ?? escaped(character));
  return shown === "" || shown !== shown.trim() ? `“${shown}”` : shown;
}

// A name in a sentence, whose order it is not to turn if it is written from right to left.
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}

function shownOctet(octet: number): string {
  return octet > 31 && octet < 127 ? String.fromCharCode(octet) : `\\x${hex(Uint8Array.of(octet))}`;
}

function escaped(character: string): string {
  return Array.from(utf8(character), (octet) => `\\x${hex(Uint8Array.of(octet))}`).join("");
}

// An SSID as typed: `hex:...` is octets, other text UTF-8; `text:` shields a `hex:` that is meant
// (as host_client/settings_part.py). Throws BadInput: ssid-hex.
export function typedSsid(text: string): Uint8Array {
  if (!text.startsWith("hex:")) return utf8(text.replace(/^text:/, ""));
  try {
    return fromHex(text.slice(4).replace(/\s/g, ""));
  } catch {
    throw new BadInput("ssid-hex");
  }
}
