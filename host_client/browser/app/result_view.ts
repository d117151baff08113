// How it ended: connected, with the way to the board; or what went wrong, and what to do.
import { writeReceipts } from "../core/bundle.ts";
import {
  BUSY,
  OK,
  STATUS_NAMES,
  WINDOW_SHUT,
} from "../core/contract.ts";
import type { Receipt } from "../core/receipt.ts";
import { t } from "../lang/choose.ts";
import { button, download, make, type Child } from "./dom.ts";
import type { Ending, Proven } from "./following.ts";
import { hostnameIn, isAddress, isNearby } from "./hosts.ts";
import type { Followed } from "./resume.ts";
import { isolated } from "./ssid.ts";
import { statusText } from "./status_text.ts";

export const LOST = "out_of_sight"; // nobody knows how it ended
// The board may have what somebody else has just sent it.
const NOT_OURS_TO_SAY = [LOST, nameOf(BUSY), nameOf(WINDOW_SHUT)];

export function resultView(ending: Ending, order: Followed, again: () => void): HTMLElement {
  return ending.result === OK && ending.proven !== "falsified"
    ? success(ending, order, again)
    : failure(ending, again);
}

function success(ending: Ending, order: Followed, again: () => void): HTMLElement {
  const { address, receipt, proven } = ending;
  const joined = order.name ? t.connectedTo(isolated(order.name)) : t.keeps;
  return frame(
    "ok",
    proven,
    make("div", { class: "emblem good", "aria-hidden": "true" }),
    make("h1", {}, t.connected),
    make("p", {}, joined),
    ways(address, hostnameIn(order.hostname), proven),
    proof(proven, receipt),
    order.owner && make("p", { class: "card caution-card" }, t.ownerNow),
    button("again", t.another, again),
  );
}

function failure({ result, proven }: Ending, again: () => void): HTMLElement {
  const [title, advice] = proven === "falsified" ? [t.failed, t.falsified] : statusText(result);
  return failureView(nameOf(result), title, advice, again, proven);
}

// `name`: of the table (names.py), or of what is none of the board's statuses.
export function failureView(
  name: string,
  title: string,
  advice: string,
  again: () => void,
  proven: Proven = "missing",
  ...more: Child[]
): HTMLElement {
  const stands = proven !== "falsified" && !NOT_OURS_TO_SAY.includes(name);
  return frame(
    name,
    proven,
    make("div", { class: "emblem bad", "aria-hidden": "true" }),
    make("h1", {}, title),
    make("p", { id: "problem", role: "alert" }, advice),
    stands && make("p", { class: "quiet" }, t.stands),
    ...more,
    button("again", t.tryAgain, again, "main"),
  );
}

function frame(name: string, proven: Proven, ...children: Child[]): HTMLElement {
  const view = make("section", { id: "result", class: "result" }, ...children);
  view.dataset["status"] = name;
  view.dataset["receipt"] = proven;
  return view;
}

export function nameOf(result: number): string {
  return (STATUS_NAMES as Record<string, string>)[result] ?? `status_${result}`;
}

// Where the board is now. What anybody could have said leads nowhere beyond one's own network.
function ways(address: string | null, hostname: string, proven: Proven): Child {
  const links = [];
  if (address && isAddress(address)) {
    const goes = proven === "proven" || isNearby(address);
    links.push(goes ? link("address", address) : make("span", { id: "address" }, address));
  }
  if (hostname) links.push(link("hostname", `${hostname}.local`));
  if (links.length === 0) return null;
  const items = links.map((one) => make("li", {}, one));
  return make("div", { class: "card" }, make("p", {}, t.reachAt), make("ul", { class: "ways" }, ...items));
}

function link(id: string, host: string): HTMLElement {
  return make("a", { id, href: `http://${host}/` }, host);
}

const PROOFS = { proven: "note-good", unproven: "quiet", missing: "caution", falsified: "caution" };

function proof(proven: Proven, receipt: Receipt | null): HTMLElement {
  const save = receipt && proven === "unproven";
  return make(
    "div",
    { class: "proof" },
    make("p", { class: PROOFS[proven] }, t[proven]),
    save && button("receipt", t.takeReceipt, () => takeHome(receipt), "main"),
  );
}

function takeHome(receipt: Receipt): void {
  const file = writeReceipts([receipt]);
  download(`${receipt.deviceId}.lkr`, file, "application/octet-stream");
}
