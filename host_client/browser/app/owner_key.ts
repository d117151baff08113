// The cryptography of owners' keys, a file of its own: only boards under "first-use" want it. No
// class of it meets one of the page's, which has copies of its own: reasons are told as text.
import { BadInput } from "../core/errors.ts";
import { fromPem, type OwnerKey } from "../core/owner.ts";

export { makeOwnerKey, toPem } from "../core/owner.ts";
export { firstUse, signedBy } from "../core/owner_proof.ts";

// The key, or why it cannot be had: a reason of core/owner.ts.
export async function opened(pem: string, passphrase: string): Promise<OwnerKey | string> {
  try {
    return await fromPem(pem, passphrase);
  } catch (error) {
    if (error instanceof BadInput) return error.reason;
    throw error;
  }
}
