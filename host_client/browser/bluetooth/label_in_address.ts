// The label behind the `#`: what the label's QR code leads to, https://HOST/p#LK1:…
import { type Label, parseLabel } from "../core/label.ts";

const CODE = 3; // which of the fields it is
const MARK = /^#LK\d+:/;

export function holdsLabel(address: Location): boolean {
  return MARK.test(address.hash);
}

// Takes it out of the address, where it would be seen, shared and kept: it holds a secret. All but
// the secret stays with the tab, for whoever loads the page anew is still looking for that board.
// Null where there is none. Throws BadInput for what is none of this version.
export function takeLabel(address: Location): Label | null {
  if (!holdsLabel(address)) return typeof history.state === "string" ? parseLabel(history.state) : null;
  const text = address.hash.slice(1);
  history.replaceState(null, "", address.pathname + address.search);
  const label = parseLabel(text);
  const fields = text.split(":");
  fields[CODE] = "";
  history.replaceState(fields.join(":"), "");
  return label;
}

export function forgetLabel(): void {
  history.replaceState(null, "");
}
