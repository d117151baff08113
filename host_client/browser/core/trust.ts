// Whether to seal to the key that a board shows (host_client/trust.py, as far as a page can).
import { sha256 } from "@noble/hashes/sha2.js";
import { DERIVED_ID_PREFIX } from "./contract.ts";
import { UntrustedBoard } from "./errors.ts";
import { labelMatches } from "./label.ts";
import type { Label } from "./label.ts";
import { hex } from "./octets.ts";

// An id that is the start of its key's digest: it proves itself, a little (64 bits).
const DERIVED_ID = new RegExp(`^${DERIVED_ID_PREFIX}[0-9a-f]{16}$`);

// Nothing that cannot be seen, or turns the writing round: it is shown to people.
const ID = /^[^\p{C}\p{Z}]+$/u;

// `label`: of the board that is wanted, if it is at hand. Throws UntrustedBoard.
export function checkBoard(
  { deviceId, deviceKey }: { deviceId: string; deviceKey: Uint8Array },
  label?: Label | null,
): void {
  if (!ID.test(deviceId)) throw new UntrustedBoard("the board's id is not one to be shown");
  const derived = DERIVED_ID_PREFIX + hex(sha256(deviceKey)).slice(0, 16);
  if (DERIVED_ID.test(deviceId) && deviceId !== derived) {
    throw new UntrustedBoard("the board's id does not belong to its key");
  }
  if (!label) return;
  if (label.deviceId !== deviceId) throw new UntrustedBoard("the label is of another board");
  if (!labelMatches(label, deviceKey)) throw new UntrustedBoard("the label is of another key");
}
