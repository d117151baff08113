// An owner's key: Ed25519, kept as PKCS#8 (RFC 5958) under a passphrase, as host_client/authority.py
// and openssl write and read it: PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC (RFC 8018).
import { cbc } from "@noble/ciphers/aes.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { pbkdf2Async } from "@noble/hashes/pbkdf2.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { armor, unarmor } from "./armor.ts";
import { encode } from "./cbor.ts";
import type { Value } from "./cbor.ts";
import { ALG_ED25519 } from "./contract.ts";
import { INTEGER, OCTETS, SEQUENCE, der, derBody, derInside, derItems } from "./der.ts";
import type { Item } from "./der.ts";
import { BadInput } from "./errors.ts";
import { equal, fromHex, random, utf8 } from "./octets.ts";

export interface OwnerKey {
  secret: Uint8Array; // 32 octets
  publicKey: Uint8Array; // 32 octets
}

const MIN_PASSPHRASE = 8; // characters
const ITERATIONS = 600_000; // about a second of a computer, some of a telephone
const MAX_ITERATIONS = 10_000_000;
const MAX_PEM = 16384;
const ENCRYPTED = "ENCRYPTED PRIVATE KEY";
const PLAIN = "PRIVATE KEY";

// Object identifiers and algorithm identifiers, encoded.
const PBES2 = fromHex("06092a864886f70d01050d");
const PBKDF2 = fromHex("06092a864886f70d01050c");
const HMAC_SHA256 = fromHex("300c06082a864886f70d02090500");
const AES_256_CBC = fromHex("060960864801650304012a");
const ED25519 = fromHex("300506032b6570");

export function makeOwnerKey(): OwnerKey {
  return ownerKeyOf(random(32));
}

// The whole of a key from its secret half (32 octets).
export function ownerKeyOf(secret: Uint8Array): OwnerKey {
  return { secret, publicKey: ed25519.getPublicKey(secret) };
}

// 64 octets (RFC 8032).
export function sign(owner: OwnerKey, message: Uint8Array): Uint8Array {
  return ed25519.sign(message, owner.secret);
}

// The public half as an encoded COSE_Key, its algorithm pinned in it (RFC 9053 section 7.2).
export function coseKey(owner: OwnerKey): Uint8Array {
  return encode(new Map<Value, Value>([[1, 1], [3, ALG_ED25519], [-1, 6], [-2, owner.publicKey]]));
}

// Throws BadInput: owner-passphrase-length. Takes a second or some, in turns with the page.
export async function toPem(owner: OwnerKey, passphrase: string): Promise<string> {
  if ([...passphrase].length < MIN_PASSPHRASE) throw new BadInput("owner-passphrase-length");
  const salt = random(16);
  const iv = random(16);
  const key = await derive(passphrase, salt, ITERATIONS);
  const secret = der(OCTETS, der(OCTETS, owner.secret));
  const plain = der(SEQUENCE, der(INTEGER, Uint8Array.of(0)), ED25519, secret);
  const count = der(INTEGER, fromHex(ITERATIONS.toString(16).padStart(6, "0")));
  const kdf = der(SEQUENCE, PBKDF2, der(SEQUENCE, der(OCTETS, salt), count, HMAC_SHA256));
  const cipher = der(SEQUENCE, AES_256_CBC, der(OCTETS, iv));
  const scheme = der(SEQUENCE, PBES2, der(SEQUENCE, kdf, cipher));
  return armor(ENCRYPTED, der(SEQUENCE, scheme, der(OCTETS, cbc(key, iv).encrypt(plain))));
}

// Reads a key file, encrypted or not. Throws BadInput: owner-passphrase (a wrong one), owner-file
// (none, damaged, or encrypted in another way), owner-kind (a key of another algorithm).
export async function fromPem(text: string, passphrase: string): Promise<OwnerKey> {
  const pem = text.slice(0, MAX_PEM);
  const encrypted = unarmor(ENCRYPTED, pem);
  if (encrypted) return ownerKeyOf(await decrypted(encrypted, passphrase));
  const plain = unarmor(PLAIN, pem);
  const secret = plain && readKey(plain);
  if (!secret) throw new BadInput("owner-file");
  return ownerKeyOf(secret);
}

async function decrypted(encrypted: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const scheme = readScheme(encrypted);
  const key = await derive(passphrase, scheme.salt, scheme.iterations);
  let plain: Uint8Array;
  try {
    plain = cbc(key, scheme.iv).decrypt(scheme.ciphertext);
  } catch {
    throw new BadInput("owner-passphrase"); // the padding is wrong
  }
  const secret = readKey(plain);
  if (!secret) throw new BadInput("owner-passphrase"); // the padding was right by chance
  return secret;
}

function derive(passphrase: string, salt: Uint8Array, c: number): Promise<Uint8Array> {
  return pbkdf2Async(sha256, utf8(passphrase), salt, { c, dkLen: 32 });
}

interface Scheme {
  salt: Uint8Array;
  iterations: number;
  iv: Uint8Array;
  ciphertext: Uint8Array;
}

// EncryptedPrivateKeyInfo (RFC 5958 section 3), PBES2-params (RFC 8018 appendix A.4).
function readScheme(encrypted: Uint8Array): Scheme {
  try {
    const [algorithm, ciphertext] = derInside(derItems(encrypted)[0], SEQUENCE);
    const [pbes2, schemes] = derInside(algorithm, SEQUENCE);
    const [kdf, cipher] = derInside(schemes, SEQUENCE);
    const [pbkdf2, kdfParameters] = derInside(kdf, SEQUENCE);
    const [salt, count, ...more] = derInside(kdfParameters, SEQUENCE);
    const [aes, iv] = derInside(cipher, SEQUENCE);
    expect([pbes2, PBES2], [pbkdf2, PBKDF2], [more.pop(), HMAC_SHA256], [aes, AES_256_CBC]);
    const iterations = derBody(count, INTEGER).reduce((sum, octet) => sum * 256 + octet, 0);
    if (iterations < 1 || iterations > MAX_ITERATIONS) throw new RangeError("iterations");
    if (derBody(iv, OCTETS).length !== 16) throw new RangeError("IV");
    return {
      salt: derBody(salt, OCTETS),
      iterations,
      iv: derBody(iv, OCTETS),
      ciphertext: derBody(ciphertext, OCTETS),
    };
  } catch {
    throw new BadInput("owner-file");
  }
}

function expect(...pairs: [Item | undefined, Uint8Array][]): void {
  for (const [item, encoded] of pairs) {
    if (!item || !equal(item.whole, encoded)) throw new RangeError("another algorithm");
  }
}

// The seed in a PrivateKeyInfo (RFC 5958 section 2, RFC 8410 section 7); null where it is none.
// Throws BadInput: owner-kind, for a key of another algorithm.
function readKey(plain: Uint8Array): Uint8Array | null {
  try {
    const [, algorithm, key] = derInside(derItems(plain)[0], SEQUENCE);
    derInside(algorithm, SEQUENCE);
    if (!equal(algorithm!.whole, ED25519)) throw new BadInput("owner-kind");
    const seed = derBody(derInside(key, OCTETS)[0], OCTETS);
    return seed.length === 32 ? seed : null;
  } catch (error) {
    if (error instanceof BadInput) throw error;
    return null;
  }
}
