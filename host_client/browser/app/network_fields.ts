// The networks that the board sees, another one by its name, and the password.
import type { SeenNetwork } from "../core/reply.ts";
import type { Network } from "../core/settings.ts";
import { BadInput } from "../core/errors.ts";
import { equal, utf8 } from "../core/octets.ts";
import { t } from "../lang/choose.ts";
import { aboutNetwork, aboutPassword, takesPassword } from "./concerns.ts";
import { button, checkbox, field, make, put, refill, say } from "./dom.ts";
import { OTHER, Unready, type Draft } from "./draft.ts";
import { choiceOf, networkOption, otherOption } from "./network_option.ts";
import { typedSsid } from "./ssid.ts";

const SHOWN_AT_FIRST = 6;

export class NetworkFields {
  readonly element: HTMLFieldSetElement;
  readonly #draft: Draft;
  #networks: SeenNetwork[] = [];
  readonly #options = make("div", { class: "options" });
  readonly #state = make("p", { class: "quiet", role: "status" });
  readonly #rescan: HTMLButtonElement;
  // What belongs to the network chosen stands right behind it, for eyes and for the Tab key.
  readonly #inside = make("div", { class: "inside" });
  readonly #warning = make("p", { id: "warning", class: "caution", role: "status" });
  readonly #named: HTMLElement;
  readonly #secret: HTMLElement;
  readonly #password: HTMLInputElement;
  readonly #passwordHint = make("p", { id: "password-hint", class: "hint" });

  constructor(draft: Draft, rescan: () => void) {
    this.#draft = draft;
    this.#named = this.#nameFields();
    [this.#secret, this.#password] = this.#passwordField();
    put(this.#inside, this.#named, this.#secret, this.#warning);
    this.#rescan = button("rescan", t.rescan, rescan, "quiet");
    this.element = make(
      "fieldset",
      { id: "networks", class: "card" },
      make("legend", {}, t.networks),
      make("p", { class: "hint" }, t.networksHint),
      this.#options,
      make("div", { class: "row" }, this.#state, this.#rescan),
    );
    this.#list();
  }

  // While the board looks around.
  busy(looking: boolean): void {
    this.#rescan.disabled = looking;
    say(this.#state, looking ? t.scanning : this.#networks.length ? "" : t.none);
  }

  // The networks seen. What was chosen stays chosen, if it is still there.
  fill(networks: SeenNetwork[]): void {
    const held = document.activeElement;
    const isHere = held instanceof HTMLElement && this.element.contains(held);
    const different = new Map<string, SeenNetwork>(); // the strongest of each, for they come so
    for (const network of networks) {
      const choice = choiceOf(network);
      if (network.ssid.length > 0 && !different.has(choice)) different.set(choice, network);
    }
    this.#networks = [...different.values()];
    this.#list();
    this.busy(false);
    // What was moved or made anew has lost the focus, and somebody may be typing there.
    if (isHere && held.id) this.element.querySelector<HTMLElement>(`#${held.id}`)?.focus({ preventScroll: true });
  }

  // The network to join. Throws Unready.
  network(): Network {
    const { choice, password, hidden } = this.#draft;
    if (choice === null) throw new Unready(t.noName, "networks");
    const seen = this.#seen();
    const network: Network = { ssid: seen?.ssid ?? this.#typed() };
    if (choice === OTHER && hidden) network.hidden = true;
    const open = choice === OTHER ? password === "" && !guarded(seen) : !takesPassword(seen);
    if (open) return network;
    const wrong = aboutPassword(password);
    if (wrong) throw new Unready(wrong, "password");
    return { ...network, key: utf8(password) };
  }

  #typed(): Uint8Array {
    const { name } = this.#draft;
    if (name === "") throw new Unready(t.noName, "ssid");
    let ssid;
    try {
      ssid = typedSsid(name);
    } catch (error) {
      if (error instanceof BadInput) throw new Unready(t.badHex, "ssid");
      throw error;
    }
    if (ssid.length < 1 || ssid.length > 32) throw new Unready(t.longName, "ssid");
    return ssid;
  }

  // The network chosen or named, as the board sees it.
  #seen(): SeenNetwork | null {
    const { choice, name } = this.#draft;
    if (choice !== OTHER) return this.#networks.find((one) => choiceOf(one) === choice) ?? null;
    try {
      const typed = typedSsid(name);
      const alike = this.#networks.filter(({ ssid }) => equal(ssid, typed));
      return alike.find(guarded) ?? alike[0] ?? null;
    } catch {
      return null; // half a hex: is no name yet
    }
  }

  #list(): void {
    const draft = this.#draft;
    // Before anything was seen, what was chosen in an earlier form may still come.
    const gone = this.#networks.length > 0 && !this.#seen();
    if (draft.choice !== OTHER && gone) draft.choice = null;
    const choose = (choice: string): void => {
      draft.choice = choice;
      this.#open();
    };
    const rows = this.#networks.map((network, i) =>
      networkOption(network, i, draft.choice === choiceOf(network), choose),
    );
    const late = rows.slice(SHOWN_AT_FIRST);
    const more = button("more", t.more(late.length), () => {
      late.forEach((row) => (row.hidden = false));
      late[0]?.querySelector("input")?.focus();
      more.remove();
    }, "quiet");
    const folded = late.length > 1 && !late.some((row) => row.querySelector("input:checked"));
    if (folded) late.forEach((row) => (row.hidden = true));
    refill(this.#options, ...rows, folded && more, otherOption(draft.choice === OTHER, choose));
    this.#open();
  }

  // Put the fields that go with the choice behind it.
  #open(): void {
    const { choice } = this.#draft;
    const chosen = this.#options.querySelector("input:checked")?.closest(".option");
    this.#options.querySelectorAll(".option").forEach((option) => {
      option.classList.toggle("chosen", option === chosen);
    });
    if (chosen) chosen.after(this.#inside);
    else this.#inside.remove();
    this.#named.hidden = choice !== OTHER;
    this.#judge();
  }

  #judge(): void {
    const { choice, name, hidden, password } = this.#draft;
    const seen = this.#seen();
    // Whatever network of this name is seen: a password that somebody types there is meant.
    this.#secret.hidden = choice !== OTHER && !takesPassword(seen);
    // Emptied, not only hidden: a hidden one is read out with its field all the same.
    say(this.#passwordHint, choice !== OTHER || guarded(seen) ? "" : t.passwordHint);
    const unlike = choice === OTHER && password !== "" && !guarded(seen);
    const found = seen && !unlike ? aboutNetwork(seen) : [];
    if (choice === OTHER && !seen) {
      if (name !== "" && !hidden && this.#networks.length > 0) found.push(t.unseen);
    }
    if (!this.#secret.hidden && password !== "" && document.activeElement !== this.#password) {
      found.push(aboutPassword(password));
    }
    say(this.#warning, found.filter(Boolean).join(" "));
  }

  #nameFields(): HTMLElement {
    const draft = this.#draft;
    const [row, input] = field({
      id: "ssid",
      label: t.ssid,
      hint: t.ssidHint,
      value: draft.name,
      attributes: { maxlength: "128" },
    });
    input.addEventListener("input", () => (draft.name = input.value));
    input.addEventListener("change", () => this.#judge());
    const hidden = checkbox("hidden", t.hidden, draft.hidden, (now) => {
      draft.hidden = now;
      this.#judge();
    });
    return make("div", { hidden: true }, row, hidden);
  }

  #passwordField(): [HTMLElement, HTMLInputElement] {
    const draft = this.#draft;
    const kind = (): string => (draft.passwordShown ? "text" : "password");
    const [row, input] = field({
      id: "password",
      label: t.password,
      value: draft.password,
      // "off", not "current-password": it is the network's, and this address is that of every board.
      attributes: {
        type: kind(),
        maxlength: "128",
        "aria-describedby": "password-hint warning",
      },
    });
    input.before(this.#passwordHint);
    input.addEventListener("input", () => {
      draft.password = input.value;
      this.#judge();
    });
    input.addEventListener("blur", () => this.#judge());
    const show = checkbox("show-password", t.show, draft.passwordShown, (now) => {
      draft.passwordShown = now;
      input.type = kind();
    });
    return [make("div", {}, row, show), input];
  }
}

function guarded(network: SeenNetwork | null): boolean {
  return network !== null && takesPassword(network);
}
