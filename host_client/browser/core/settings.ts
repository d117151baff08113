// What an order sets, checked as host_client/settings.py checks it, before it is sealed.
import type { Value } from "./cbor.ts";
import { CLAIM_DEVICE, CLAIM_NETWORKS, CLAIM_TRUST, MAX_NETWORKS } from "./contract.ts";
import { BadInput } from "./errors.ts";
import type { Reason } from "./errors.ts";
import { fromUtf8, utf8 } from "./octets.ts";

// Lengths are of octets, as in latchkey.cddl.
export interface Network {
  ssid: Uint8Array; // 1 to 32
  key?: Uint8Array; // 8 to 63, or 64 hexadecimal digits; absent: open network
  hidden?: boolean;
  static?: StaticAddress; // absent: DHCP
}

// Addresses of four octets.
export interface StaticAddress {
  address: Uint8Array;
  prefix: number; // 1 to 30
  gateway?: Uint8Array;
  dns?: Uint8Array;
}

export interface Device {
  name?: string; // at most 64 octets
  hostname?: string;
  country?: string; // ISO 3166-1 alpha-2
  timezone?: string; // POSIX TZ
}

export interface Settings {
  networks: Network[];
  device?: Device;
  trust?: { owner?: Uint8Array }; // an encoded COSE_Key
}

// Control characters and the like, and every space but the usual one.
const UNPRINTABLE = /\p{C}|[^\P{Z} ]/u;

export type Claims = Map<Value, Value>;

// The claims (latchkey.cddl) of these settings; secrets are in them. Throws BadInput.
export function toClaims(settings: Settings): Claims {
  const { networks, device = {}, trust } = settings;
  if (networks.length > MAX_NETWORKS) throw new BadInput("networks-number");
  const claims: Claims = new Map();
  if (networks.length > 0) claims.set(CLAIM_NETWORKS, networks.map(networkClaim));
  const named = deviceClaim(device);
  if (named.size > 0) claims.set(CLAIM_DEVICE, named);
  if (trust?.owner) claims.set(CLAIM_TRUST, new Map([[1, trust.owner]]));
  if (claims.size === 0) throw new BadInput("settings-empty");
  return claims;
}

function networkClaim({ ssid, key, hidden, static: address }: Network): Claims {
  if (ssid.length < 1 || ssid.length > 32) throw new BadInput("ssid-length");
  const claim: Claims = new Map([[1, ssid]]);
  if (key) claim.set(2, checkedKey(key));
  if (hidden) claim.set(3, true);
  if (address) claim.set(4, staticClaim(address));
  return claim;
}

function checkedKey(key: Uint8Array): Uint8Array {
  if (key.length === 64 && /^[0-9a-f]{64}$/i.test(fromUtf8(key) ?? "")) return key;
  if (key.length < 8 || key.length > 63) throw new BadInput("password-length");
  if (key.some((octet) => octet < 32 || octet === 127)) throw new BadInput("password-control");
  return key;
}

function staticClaim({ address, prefix, gateway, dns }: StaticAddress): Claims {
  if (!Number.isInteger(prefix) || prefix < 1 || prefix > 30) throw new BadInput("static-prefix");
  const own = number(address);
  const hosts = 0x7fffffff >>> (prefix - 1); // the bits that tell machines apart
  // Not the network's own address, and not its broadcast address.
  if ([0, hosts].includes(own & hosts)) throw new BadInput("static-address");
  const claim: Claims = new Map<Value, Value>([[1, address], [2, prefix]]);
  if (gateway) {
    const other = number(gateway);
    if (other === own || (other | hosts) !== (own | hosts)) throw new BadInput("static-gateway");
    claim.set(3, gateway);
  }
  if (dns) {
    number(dns);
    claim.set(4, dns);
  }
  return claim;
}

// The 32 bits of the address of one machine: no loopback, multicast, reserved or unset one.
function number(address: Uint8Array): number {
  const [first] = address;
  const unset = address.every((octet) => octet === 0);
  if (address.length !== 4 || unset || first === 127 || first! >= 224) {
    throw new BadInput("static-address");
  }
  return address.reduce((sum, octet) => (sum << 8) | octet, 0);
}

function deviceClaim({ name, hostname, country, timezone }: Device): Claims {
  const claim: Claims = new Map();
  if (name !== undefined) {
    if (utf8(name).length > 64 || UNPRINTABLE.test(name)) throw new BadInput("device-name");
    claim.set(1, name);
  }
  matched(claim, 2, hostname, /^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/, "device-hostname");
  matched(claim, 3, country, /^[A-Z]{2}$/, "device-country");
  matched(claim, 4, timezone, /^[!-~]{1,64}$/, "device-timezone");
  return claim;
}

function matched(
  claim: Claims,
  key: number,
  value: string | undefined,
  pattern: RegExp,
  reason: Reason,
): void {
  if (value === undefined) return;
  if (!pattern.test(value)) throw new BadInput(reason);
  claim.set(key, value);
}
