// The way of an order, step by step, as it goes.
import type { Status } from "../core/reply.ts";
import { ADDRESSING, COMMITTING, DONE, FAILED, JOINING, REACHING } from "../core/contract.ts";
import { t } from "../lang/choose.ts";
import { make, refill } from "./dom.ts";
import { isolated } from "./ssid.ts";

type Step = "seal" | "check" | "join" | "address" | "reach" | "commit" | "receipt";

const OF_BOARD: Record<number, Step> = {
  [JOINING]: "join",
  [ADDRESSING]: "address",
  [REACHING]: "reach",
  [COMMITTING]: "commit",
  [DONE]: "receipt",
};

export class StepsView {
  element = make("section", {});
  readonly #name: string; // of the network, if it is known here
  readonly #list = make("ol", { id: "steps" });
  readonly #live = make("p", { id: "live", class: "unseen", role: "status" });
  #steps: Step[] = ["seal", "check", "join", "address", "commit", "receipt"];
  #now: Step = "seal";
  #network = 0;

  // `name`: the network's, or ""; `joins`: whether the order brings networks at all.
  constructor(name: string, joins: boolean) {
    this.#name = name;
    if (!joins) this.#steps = ["seal", "check", "commit", "receipt"];
    this.draw();
  }

  // In the language that is spoken now.
  draw(): HTMLElement {
    const { element } = this;
    refill(
      element,
      make("h1", {}, t.sending),
      make("p", { class: "quiet" }, t.stay),
      this.#list,
      this.#live,
    );
    this.#mark();
    return element;
  }

  begin(step: Step): void {
    this.#now = step;
    this.#mark();
  }

  follow({ step, network }: Status): void {
    this.#network = network ?? 0;
    const named = OF_BOARD[step];
    if (named === "reach" && !this.#steps.includes(named)) {
      this.#steps.splice(this.#steps.indexOf("commit"), 0, named);
    }
    if (named && this.#steps.includes(named)) this.#now = named;
    else if (step !== FAILED) this.#now = "check";
    this.#mark();
  }

  #mark(): void {
    const place = this.#steps.indexOf(this.#now);
    const items = this.#steps.map((step, i) => {
      const item = make("li", { class: i < place ? "past" : i > place ? "ahead" : "present" });
      if (i === place) item.setAttribute("aria-current", "step");
      item.dataset["step"] = step;
      item.textContent = this.#text(step);
      return item;
    });
    refill(this.#list, ...items);
    const said = `${this.#text(this.#now)} …`;
    if (this.#live.textContent !== said) this.#live.textContent = said;
  }

  #text(step: Step): string {
    if (step !== "join") return t[step];
    // An order made elsewhere may try several, whose names nobody here knows.
    return this.#name ? t.join(isolated(this.#name)) : t.joinNth(this.#network + 1);
  }
}
