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
  taken: boolean; // whether the board said so
  ended: boolean; // and how was shown; a reload shows it again
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

// The order that was followed here, or null; then nothing is kept, either.
export function remembered(): Followed | null {
  try {
    const stored = JSON.parse(sessionStorage.getItem(STORED)!);
    const { deviceId, secret, sentAt } = stored;
    if (Date.now() - sentAt > MAX_AGE_MS) throw new RangeError("too old");
    const orderId = stored.orderId && fromHex(stored.orderId);
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
    forget(); // there is none, or it is another page's, or damaged
    return null;
  }
}
