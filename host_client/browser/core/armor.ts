// Octets as text that survives mail and messengers (RFC 7468): base64 between two lines that say
// what it is.
import { base64, fromBase64 } from "./octets.ts";

export function armor(label: string, octets: Uint8Array): string {
  const lines = base64(octets).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

// The octets of the first text of this label, whatever stands around it; null where there is none,
// or what is between its lines is not base64.
export function unarmor(label: string, text: string): Uint8Array | null {
  const begin = `-----BEGIN ${label}-----`;
  const start = text.indexOf(begin);
  const end = text.indexOf(`-----END ${label}-----`, start);
  if (start < 0 || end < 0) return null;
  try {
    return fromBase64(text.slice(start + begin.length, end));
  } catch {
    return null;
  }
}
