// Gets owner_key.ts from the board when it is wanted.
import { t } from "../lang/choose.ts";
import { Unready } from "./draft.ts";

type OwnerCryptography = typeof import("./owner_key.ts");

// Throws Unready, which points to the element `place`.
export async function ownerCryptography(place: string): Promise<OwnerCryptography> {
  try {
    return await import("./owner_key.js");
  } catch {
    throw new Unready(t.notFetched, place);
  }
}

// Ahead of time: what is at hand cannot be cut off later.
export function fetchAhead(): void {
  ownerCryptography("").catch(() => undefined); // it is tried again when it is needed
}
