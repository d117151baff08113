// What a board does with an order, out of the pages' own parts: opens the seal, checks the
// signature, decodes the claims. Written after firmware/envelope/cose.py, for tests.
import { ed25519 } from "../../host_client/browser/node_modules/@noble/curves/ed25519.js";
import { p256 } from "../../host_client/browser/node_modules/@noble/curves/nist.js";
import { decode, encode, Tag } from "../../host_client/browser/core/cbor.ts";
import type { Value } from "../../host_client/browser/core/cbor.ts";
import {
  CLAIM_CONFIRMATION,
  CLAIM_SUITE,
  HEADER_INSTALLER,
  INSTALLER_CONTEXT,
  LABEL_PSK_ID,
  ORDER_CONTEXT,
} from "../../host_client/browser/core/contract.ts";
import { HPKE_4, open } from "../../host_client/browser/core/hpke.ts";
import type { Exporter, Suite } from "../../host_client/browser/core/hpke.ts";
import { concat, equal, hex, utf8 } from "../../host_client/browser/core/octets.ts";
import { HPKE_3 } from "../../host_client/browser/core/suite_41.ts";

export interface Allowed {
  secret: Uint8Array; // the board's
  authority?: Uint8Array; // an encoded COSE_Key; absent: nobody's signature counts
  psk?: Uint8Array; // a label's key: PSK mode or nothing
  unsigned: boolean;
  installers: boolean; // whether the authority's installers may sign, too
}

export interface OpenedOrder {
  payload: Uint8Array;
  claims: Map<Value, Value>;
  exportSecret: Exporter;
}

const UCCS = Uint8Array.of(0xd9, 0x02, 0x59);
const KID = 4;

function must(holds: boolean, why: string): asserts holds {
  if (!holds) throw new RangeError(why);
}

export function suiteOf(algorithm: Value | undefined): Suite {
  const suite = [HPKE_3, HPKE_4].find((one) => one.algorithm === algorithm);
  must(suite !== undefined, "another suite");
  return suite;
}

export function openOrder(data: Uint8Array, allowed: Allowed): OpenedOrder {
  const sealed = openEncrypt0(data, allowed);
  const unsigned = equal(sealed.plaintext.slice(0, 3), UCCS);
  must(unsigned ? allowed.unsigned : allowed.authority !== undefined, "another form");
  const payload = unsigned ? sealed.plaintext.slice(3) : verifyOrder(sealed.plaintext, allowed);
  const claims = decode(payload);
  must(claims instanceof Map, "claims are no map");
  must(claims.get(CLAIM_SUITE) === sealed.suite.algorithm, "the seal of another suite");
  return { payload, claims, exportSecret: sealed.exportSecret };
}

function openEncrypt0(data: Uint8Array, { secret, psk }: Allowed) {
  const [sent, unprotected, ciphertext] = parts(data, 16, 3);
  const header = headerIn(sent);
  only(header, psk ? [1, -5] : [1]);
  only(unprotected, [-4]);
  kid(header, unprotected);
  const suite = suiteOf(header.get(1));
  const enc = octets(unprotected.get(-4));
  const pskId = psk && octets(header.get(-5));
  must(!pskId || equal(pskId, utf8(LABEL_PSK_ID)), "another psk id");
  const aad = encode(["Encrypt0", octets(sent), utf8(ORDER_CONTEXT)]);
  const mode = psk && pskId ? { psk, pskId } : {};
  return { suite, ...open({ suite, secret, enc, ciphertext: octets(ciphertext), aad, ...mode }) };
}

// The claims, signed by the authority or, where that may be, by its installer.
function verifyOrder(data: Uint8Array, { authority, installers }: Allowed): Uint8Array {
  const certificate = headerIn(parts(data, 18, 4)[0]).get(HEADER_INSTALLER);
  if (!installers || certificate === undefined) {
    return verifySign1(data, authority!, ORDER_CONTEXT, [1]);
  }
  const key = certified(octets(certificate), authority!);
  return verifySign1(data, key, ORDER_CONTEXT, [1, HEADER_INSTALLER]);
}

// The installer's key that the authority has certified; its limits are the board's to judge.
function certified(certificate: Uint8Array, authority: Uint8Array): Uint8Array {
  const claims = decode(verifySign1(certificate, authority, INSTALLER_CONTEXT, [1]));
  const confirmed = claims instanceof Map && claims.get(CLAIM_CONFIRMATION);
  const key = confirmed instanceof Map && confirmed.get(1);
  must(key instanceof Map, "no key");
  return encode(key);
}

function verifySign1(data: Uint8Array, key: Uint8Array, context: string, names: number[]) {
  const [sent, unprotected, payload, signature] = parts(data, 18, 4);
  const header = headerIn(sent);
  only(header, names);
  only(unprotected, []);
  kid(header, unprotected);
  const message = encode(["Signature1", octets(sent), utf8(context), octets(payload)]);
  must(verify(key, header.get(1), message, octets(signature)), "signature");
  return octets(payload);
}

function verify(
  encoded: Uint8Array,
  algorithm: Value | undefined,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const key = decode(encoded) as Map<Value, Value>;
  if (key.get(1) === 1) {
    const x = octets(key.get(-2));
    return [-8, -19].includes(algorithm as number) && ed25519.verify(signature, message, x);
  }
  const point = concat(Uint8Array.of(4), octets(key.get(-2)), octets(key.get(-3)));
  const options = { lowS: false };
  return [-7, -9].includes(algorithm as number) && p256.verify(signature, message, point, options);
}

function parts(data: Uint8Array, tag: number, count: number) {
  const message = decode(data, [tag]);
  must(message instanceof Tag && Array.isArray(message.value), `no message of tag ${tag}`);
  must(message.value.length === count, "more parts, or fewer");
  const [sent, unprotected, ...rest] = message.value;
  must(unprotected instanceof Map, "no header");
  return [sent, unprotected, ...rest] as const;
}

function headerIn(sent: Value | undefined): Map<Value, Value> {
  const header = decode(octets(sent));
  must(header instanceof Map, "no header");
  return header;
}

// A header has these parameters, and no other but a key id.
function only(header: Map<Value, Value>, needed: number[]): void {
  const names = [...header.keys()].filter((name) => name !== KID);
  must(hex(encode(names.sort())) === hex(encode([...needed].sort())), "other parameters");
}

function kid(...headers: Map<Value, Value>[]): void {
  const found = headers.filter((header) => header.has(KID));
  must(found.length < 2, "a key id twice");
  found.forEach((header) => octets(header.get(KID)));
}

function octets(value: Value | undefined): Uint8Array {
  must(value instanceof Uint8Array, "octets expected");
  return value;
}
