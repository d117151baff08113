// HPKE (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, and an AEAD that is handed in, in base
// and in PSK mode. One message a context, which is all that an order needs.
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ALG_HPKE_4 } from "./contract.ts";
import { concat, utf8 } from "./octets.ts";
import { x25519 } from "./x25519.ts";

export interface Suite {
  algorithm: number; // COSE's, draft-ietf-cose-hpke
  aeadId: number; // RFC 9180 section 7.3
  keyLength: number;
  aead(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
  ): { encrypt(plaintext: Uint8Array): Uint8Array; decrypt(ciphertext: Uint8Array): Uint8Array };
}

// HPKE-4, with ChaCha20-Poly1305. HPKE-3 is in suite_41.ts, so that pages need not load AES-GCM.
export const HPKE_4: Suite = {
  algorithm: ALG_HPKE_4,
  aeadId: 3,
  keyLength: 32,
  aead: chacha20poly1305,
};

// `psk` and `pskId` together: PSK mode. All are octets of any length where no other is said.
export interface Sealing {
  suite: Suite;
  recipient: Uint8Array; // X25519 public key
  plaintext: Uint8Array;
  aad: Uint8Array;
  info?: Uint8Array;
  psk?: Uint8Array;
  pskId?: Uint8Array;
}

export type Exporter = (context: Uint8Array, length: number) => Uint8Array;

export interface Sealed {
  enc: Uint8Array;
  ciphertext: Uint8Array;
  exportSecret: Exporter;
}

export interface Opening extends Omit<Sealing, "recipient" | "plaintext"> {
  secret: Uint8Array; // X25519 private key
  enc: Uint8Array;
  ciphertext: Uint8Array;
}

export interface Opened {
  plaintext: Uint8Array;
  exportSecret: Exporter;
}

const EMPTY = new Uint8Array();
const KEM = concat(utf8("KEM"), Uint8Array.of(0, 32)); // suite_id of the KEM, section 4.1

// Throws an Error where the recipient's key is of another length or of small order.
export function seal(sealing: Sealing): Sealed {
  const ephemeral = x25519.keygen();
  const shared = x25519.getSharedSecret(ephemeral.secretKey, sealing.recipient);
  const secret = kemSecret(shared, ephemeral.publicKey, sealing.recipient);
  const { cipher, exportSecret } = keySchedule(sealing, secret);
  return {
    enc: ephemeral.publicKey,
    ciphertext: cipher.encrypt(sealing.plaintext),
    exportSecret,
  };
}

// What a board does. Throws an Error where anything does not fit.
export function open(opening: Opening): Opened {
  const shared = x25519.getSharedSecret(opening.secret, opening.enc);
  const secret = kemSecret(shared, opening.enc, x25519.getPublicKey(opening.secret));
  const { cipher, exportSecret } = keySchedule(opening, secret);
  return { plaintext: cipher.decrypt(opening.ciphertext), exportSecret };
}

// ExtractAndExpand of section 4.1.
function kemSecret(shared: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Uint8Array {
  const prk = labeledExtract(KEM, EMPTY, "eae_prk", shared);
  return labeledExpand(KEM, prk, "shared_secret", concat(enc, recipient), 32);
}

type Context = Omit<Sealing, "recipient" | "plaintext">;

// Section 5.1, and the first message's nonce, which is the base nonce itself.
function keySchedule({ suite, aad, info = EMPTY, psk, pskId = EMPTY }: Context, shared: Uint8Array) {
  const id = concat(utf8("HPKE"), Uint8Array.of(0, 32, 0, 1, 0, suite.aeadId));
  const context = concat(
    Uint8Array.of(psk ? 1 : 0),
    labeledExtract(id, EMPTY, "psk_id_hash", pskId),
    labeledExtract(id, EMPTY, "info_hash", info),
  );
  const secret = labeledExtract(id, shared, "secret", psk ?? EMPTY);
  const derive = (label: string, length: number) =>
    labeledExpand(id, secret, label, context, length);
  const exporter = derive("exp", 32);
  return {
    cipher: suite.aead(derive("key", suite.keyLength), derive("base_nonce", 12), aad),
    exportSecret: (exported: Uint8Array, length: number) =>
      labeledExpand(id, exporter, "sec", exported, length),
  };
}

function labeledExtract(id: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array) {
  return extract(sha256, concat(utf8("HPKE-v1"), id, utf8(label), ikm), salt);
}

function labeledExpand(
  id: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const size = Uint8Array.of(length >> 8, length & 255);
  return expand(sha256, prk, concat(size, utf8("HPKE-v1"), id, utf8(label), info), length);
}
