// COSE as far as an order and a receipt need it (RFC 9052, draft-ietf-cose-hpke).
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { Tag, encode } from "./cbor.ts";
import type { Value } from "./cbor.ts";
import { ALG_ED25519, ALG_HMAC_256, LABEL_PSK_ID } from "./contract.ts";
import { seal } from "./hpke.ts";
import type { Exporter, Suite } from "./hpke.ts";
import { utf8 } from "./octets.ts";

export const TAG_ENCRYPT0 = 16;
export const TAG_MAC0 = 17;
const TAG_SIGN1 = 18;

const ALG = 1; // header parameters
const EK = -4;
const PSK_ID = -5;

// The protected header of every receipt.
export const MAC0_HEADER = encode(new Map([[ALG, ALG_HMAC_256]]));

export interface Encrypted {
  data: Uint8Array;
  exportSecret: Exporter;
}

// COSE_Encrypt0 to an X25519 key; in PSK mode with a label's key. `context`: the external_aad.
export function encrypt0(
  plaintext: Uint8Array,
  recipient: Uint8Array,
  context: string,
  suite: Suite,
  psk?: Uint8Array,
): Encrypted {
  const header = new Map<Value, Value>([[ALG, suite.algorithm]]);
  const pskId = utf8(LABEL_PSK_ID);
  if (psk) header.set(PSK_ID, pskId);
  const protectedHeader = encode(header);
  const aad = encode(["Encrypt0", protectedHeader, utf8(context)]);
  const sealed = seal({ suite, recipient, plaintext, aad, ...(psk && { psk, pskId }) });
  const parts = [protectedHeader, new Map([[EK, sealed.enc]]), sealed.ciphertext];
  return { data: encode(new Tag(TAG_ENCRYPT0, parts)), exportSecret: sealed.exportSecret };
}

// COSE_Sign1 with Ed25519; `sign` gives 64 octets. `context`: the external_aad.
export function sign1(
  payload: Uint8Array,
  context: string,
  sign: (message: Uint8Array) => Uint8Array,
): Uint8Array {
  const protectedHeader = encode(new Map([[ALG, ALG_ED25519]]));
  const signature = sign(structure("Signature1", protectedHeader, context, payload));
  return encode(new Tag(TAG_SIGN1, [protectedHeader, new Map(), payload, signature]));
}

// The tag (32 octets) of a COSE_Mac0 with HMAC 256/256. `context`: the external_aad.
export function mac0Tag(payload: Uint8Array, key: Uint8Array, context: string): Uint8Array {
  return hmac(sha256, key, structure("MAC0", MAC0_HEADER, context, payload));
}

// Sig_structure and MAC_structure (RFC 9052 sections 4.4 and 6.3).
function structure(kind: string, header: Uint8Array, context: string, payload: Uint8Array) {
  return encode([kind, header, utf8(context), payload]);
}
