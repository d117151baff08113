// HPKE-3: AES-128-GCM. Every board takes it, and none needs it: pages seal with HPKE-4.
import { gcm } from "@noble/ciphers/aes.js";
import { ALG_HPKE_3 } from "./contract.ts";
import type { Suite } from "./hpke.ts";

export const HPKE_3: Suite = { algorithm: ALG_HPKE_3, aeadId: 1, keyLength: 16, aead: gcm };
