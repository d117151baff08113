// What is asked of a person: a network, and a proof; or an order made elsewhere.
import type { CarriedOrder } from "../core/bundle.ts";
import type { Proof } from "../core/proof.ts";
import type { BoardInfo, SeenNetwork } from "../core/reply.ts";
import type { Network } from "../core/settings.ts";
import { t } from "../lang/choose.ts";
import { button, make, put, refill, say } from "./dom.ts";
import { Unready, type Draft } from "./draft.ts";
import { NetworkFields } from "./network_fields.ts";
import { OrderFields } from "./order_fields.ts";
import { Overview } from "./overview.ts";
import { proofFields, type ProofFields } from "./proof_fields.ts";

// What is to be sent.
export type Wish =
  | { carried: CarriedOrder }
  | { network: Network; proof: Proof };

export interface Actions {
  identify(): Promise<void>;
  rescan(): void;
  send(wish: Wish): void;
}

export class Form {
  readonly element = make("section", { class: "stack" });
  readonly overview: Overview;
  readonly #draft: Draft;
  readonly #actions: Actions;
  readonly #networks: NetworkFields;
  readonly #proof: ProofFields | null;
  readonly #order: OrderFields;
  readonly #fields = make("div", { class: "stack" });
  readonly #problem = make("p", { id: "problem", class: "problem", role: "alert", hidden: true });
  // The field that has the focus keeps it: what is said of it as it is left would move the button
  // from under the finger, and nothing would be sent.
  readonly #send = make("button", {
    type: "submit",
    id: "send",
    class: "main",
    "aria-describedby": "first",
    mousedown: (event) => event.preventDefault(),
  });
  readonly #first = make("p", { id: "first", class: "quiet" }); // what has to be done before
  readonly #other: HTMLButtonElement;

  constructor(draft: Draft, info: BoardInfo, actions: Actions) {
    this.#draft = draft;
    this.#actions = actions;
    const complain = (text: string, place: string): void => this.#complain(text, place);
    this.overview = new Overview(info, () => actions.identify());
    this.#networks = new NetworkFields(draft, () => actions.rescan());
    this.#proof = proofFields(draft, info, complain, () => this.#arrange());
    this.#order = new OrderFields(draft, info, complain);
    if (!this.#proof) draft.ordered = true;
    this.#other = button("use-order", "", () => {
      draft.ordered = !draft.ordered;
      this.#complain("", "");
      this.#arrange();
    }, "quiet");
    const form = make(
      "form",
      { class: "stack", novalidate: true, submit: (event) => this.#submit(event) },
      this.#fields,
      this.#problem,
      this.#send,
      this.#first,
      this.#proof && this.#other,
    );
    put(this.element, make("h1", {}, t.title), this.overview.element, form);
    this.#arrange();
  }

  fill(networks: SeenNetwork[]): void {
    this.#networks.fill(networks);
  }

  busy(looking: boolean): void {
    this.#networks.busy(looking);
  }

  // Whether there is a use for the networks that the board sees.
  get asksForNetwork(): boolean {
    return this.#proof !== null;
  }

  // Say what is wrong, and go there.
  point(text: string, place: string): void {
    this.#complain(text, place);
    const target = this.element.querySelector<HTMLElement>(`#${place}`);
    if (text === "" && !target) return;
    const first = target?.matches("fieldset") ? target.querySelector<HTMLElement>("input") : target;
    (first ?? this.#send).focus();
  }

  #complain(text: string, place: string): void {
    const problem = this.#problem;
    say(problem, text);
    this.element.querySelectorAll("[aria-invalid]").forEach((input) => {
      input.removeAttribute("aria-invalid");
    });
    if (text === "") return;
    const target = this.element.querySelector<HTMLElement>(`#${place}`);
    const behind = target?.closest(".field, .file, fieldset") ?? this.#fields;
    behind.after(problem);
    if (target?.matches("input, textarea")) target.setAttribute("aria-invalid", "true");
  }

  #arrange(): void {
    const { ordered } = this.#draft;
    const shown = ordered || !this.#proof
      ? [this.#order.element]
      : [this.#networks.element, this.#proof.element];
    if (shown[0]?.parentNode !== this.#fields) refill(this.#fields, ...shown);
    this.#other.textContent = ordered ? t.useForm : t.useOrder;
    this.#send.textContent = t.send;
    const unready = !ordered && this.#proof?.ready === false;
    this.#send.disabled = unready;
    say(this.#first, unready ? t.saveFirst : "");
  }

  #submit(event: Event): void {
    event.preventDefault();
    if (this.#send.disabled) return;
    this.#complain("", "");
    void this.#collect();
  }

  async #collect(): Promise<void> {
    const send = this.#send;
    try {
      send.disabled = true;
      const wish = await this.#wish();
      this.#actions.send(wish);
    } catch (error) {
      this.#arrange();
      if (!(error instanceof Unready)) throw error;
      this.point(error.message, error.place);
    }
  }

  async #wish(): Promise<Wish> {
    if (this.#draft.ordered || !this.#proof) return { carried: this.#order.order() };
    const network = this.#networks.network();
    if (this.#draft.passphrase) this.#send.textContent = t.opening;
    return { network, proof: await this.#proof.prove() };
  }
}
