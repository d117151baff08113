// The proofs of who has an owner's key (host_client/proof.py). Apart from the others because only
// boards under "first-use" want one, and its cryptography is a third of a page.
import { ORDER_CONTEXT } from "./contract.ts";
import { sign1 } from "./cose.ts";
import { coseKey, sign } from "./owner.ts";
import type { OwnerKey } from "./owner.ts";
import { unsigned } from "./proof.ts";
import type { Proof } from "./proof.ts";

// By who comes first, and leaves the key that later orders are signed with. The private half must
// be kept safe before such an order is sent: who loses it can never change the board again.
export function firstUse(owner: OwnerKey): Proof {
  return {
    wrap: unsigned,
    amend: (settings) => ({ ...settings, trust: { owner: coseKey(owner) } }),
  };
}

// By the board's owner.
export function signedBy(owner: OwnerKey): Proof {
  return { wrap: (payload) => sign1(payload, ORDER_CONTEXT, (message) => sign(owner, message)) };
}
