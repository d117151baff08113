// One line of the list of networks: a radio button, a name, and in words how good it is.
import type { SeenNetwork } from "../core/reply.ts";
import { hex } from "../core/octets.ts";
import { t } from "../lang/choose.ts";
import { bars, securityText, takesPassword } from "./concerns.ts";
import { make, type Child } from "./dom.ts";
import { OTHER } from "./draft.ts";
import { shownSsid } from "./ssid.ts";

const BARS = 4;

// What is chosen: a name, and whether it is guarded. An open network that turns up under the same
// name is another one, and must not take the place of what somebody chose.
export function choiceOf(network: SeenNetwork): string {
  return hex(network.ssid) + (takesPassword(network) ? "" : "-open");
}

export function networkOption(
  network: SeenNetwork,
  place: number,
  checked: boolean,
  choose: (choice: string) => void,
): HTMLElement {
  const { ssid, rssi, security } = network;
  const strength = bars(rssi);
  const words = `${securityText(security)} · ${t.strength[strength]}`;
  const name = make("bdi", { class: "name", translate: "no" }, shownSsid(ssid));
  return option(`network-${place}`, choiceOf(network), checked, choose, name, words, drawn(strength));
}

export function otherOption(checked: boolean, choose: (choice: string) => void): HTMLElement {
  const name = make("span", { class: "name" }, t.other);
  return option("other", OTHER, checked, choose, name, t.otherHint, null);
}

function option(
  id: string,
  value: string,
  checked: boolean,
  choose: (choice: string) => void,
  name: Child,
  words: string,
  picture: Child,
): HTMLElement {
  return make(
    "label",
    { class: "option", for: id },
    make("input", { type: "radio", name: "network", id, value, checked, change: () => choose(value) }),
    make("span", { class: "about" }, name, " ", make("span", { class: "quiet" }, words)),
    picture,
  );
}

function drawn(strength: number): HTMLElement {
  const lines = Array.from({ length: BARS }, (_, i) => make("i", { class: i < strength ? "on" : "" }));
  return make("span", { class: "bars", "aria-hidden": "true" }, ...lines);
}
