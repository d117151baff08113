// What is needed to follow an order after a reload, or after the phone slept: who was asked for
// what, and the two keys that check the receipt. No password, label code or private key is in it.
import { fromHex, hex } from "../core/octets.ts";
import type { ReceiptSecret } from "../core/order.ts";

const STORED = "latchkey.order";
const MAX_AGE_MS = 30 * 60_000; // a trial lasts fifteen minutes at most

export interface Followed {
  orderId: Uint8Array | null; // of a bare order made elsewhere nobody here knows it
  deviceId: string;
  networks: number;
  secret: ReceiptSecret | null; // null: made elsewhere
  name: string; // of the network as shown, or ""
  hostname: string; // that the board said it will have, or ""
  owner: boolean; // whether it makes somebody the owner
  sentAt: number; // ms since 1970
}

export function remember(order: Followed): void {
  const { orderId, secret } = order;
  const stored = {
    ...order,
    orderId: orderId && hex(orderId),
    secret: secret && { key: hex(secret.receiptKey), digest: hex(secret.digest) },
  };
  try {
    sessionStorage.setItem(STORED, JSON.stringify(stored));
  } catch {
    // No storage: then a reload forgets.
  }
}

export function forget(): void {
  try {
    sessionStorage.removeItem(STORED);
  } catch {
    // There was none.
  }
}

// The order that was followed here, or null.
export function remembered(): Followed | null {
  try {
    const stored = JSON.parse(sessionStorage.getItem(STORED) ?? "null");
    if (!stored || Date.now() - stored.sentAt > MAX_AGE_MS) return null;
    const orderId = stored.orderId && fromHex(stored.orderId);
    const { deviceId, secret } = stored;
    return {
      ...stored,
      orderId,
      secret: secret && {
        orderId,
        deviceId,
        receiptKey: fromHex(secret.key),
        digest: fromHex(secret.digest),
      },
    };
  } catch {
    return null; // another page's, or damaged
  }
}
