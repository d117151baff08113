// The label behind the `#`: what the label's QR code leads to, https://HOST/p#LK1:…
import { type Label, parseLabel } from "../core/label.ts";

const MARK = /^#LK\d+:/;

export function holdsLabel(address: Location): boolean {
  return MARK.test(address.hash);
}

// Takes it out of the address, where it would be seen, shared and kept: it holds a secret. Null
// where there is none. Throws BadInput for what is none of this version.
export function takeLabel(address: Location): Label | null {
  if (!holdsLabel(address)) return null;
  const text = address.hash.slice(1);
  history.replaceState(null, "", address.pathname + address.search);
  return parseLabel(text);
}
