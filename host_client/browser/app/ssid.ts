// Names of networks: octets, which need not be text, for people and back.
import { BadInput } from "../core/errors.ts";
import { fromHex, fromUtf8, hex, utf8 } from "../core/octets.ts";

const UNSHOWN = /[\p{C}\p{Zl}\p{Zp}]/gu; // controls, and what turns the direction of writing

// An SSID as it is shown: text, with what cannot be shown as text escaped.
export function shownSsid(ssid: Uint8Array): string {
  const text = fromUtf8(ssid);
  if (text === null) return Array.from(ssid, shownOctet).join("");
  const shown = text.replace(UNSHOWN, escaped);
  return shown.trim() === "" ? `“${shown}”` : shown;
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
