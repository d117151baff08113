// What about a network cannot work, or is worth a word before anything is sent.
import type { SeenNetwork } from "../core/reply.ts";
import { SECURITY_NAMES } from "../core/contract.ts";
import { utf8 } from "../core/octets.ts";
import { t } from "../lang/choose.ts";

const OPEN = 0;
const OUTDATED = [1, 2]; // WEP, WPA
const ENTERPRISE = 5;
const WITH_PASSWORD = [3, 4, 6, 7]; // WPA2, WPA/WPA2, WPA3, WPA2/WPA3
const BARS_DBM = [-55, -67, -75, -85]; // for four, three, two bars and one

// From 0, too weak, to 4.
export function bars(rssi: number): number {
  return BARS_DBM.filter((limit) => rssi >= limit).length;
}

export function securityText(security: number): string {
  if (security === OPEN) return t.unsecured;
  return (SECURITY_NAMES as Record<string, string>)[security] ?? t.unknown;
}

export function takesPassword(network: SeenNetwork | null): boolean {
  return network?.security !== OPEN;
}

// About a network that the board sees.
export function aboutNetwork(network: SeenNetwork): string[] {
  const { security, rssi } = network;
  const found = [];
  if (security === ENTERPRISE) found.push(t.enterprise);
  else if (OUTDATED.includes(security)) found.push(t.outdated);
  else if (security === OPEN) found.push(t.everybody);
  else if (!WITH_PASSWORD.includes(security)) found.push(t.unusable);
  if (bars(rssi) === 0) found.push(t.weak);
  return found;
}

// What keeps a password from being one, or "". Lengths are of octets, as the standard has it.
export function aboutPassword(password: string): string {
  const { length } = utf8(password);
  if (/^[0-9a-f]{64}$/i.test(password)) return "";
  if (length < 8) return t.short;
  if (length > 63) return t.long;
  return /[\x00-\x1f\x7f]/.test(password) ? t.control : "";
}
