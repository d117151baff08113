// Which board this is, how long it listens, and a button that makes it blink.
import type { BoardInfo } from "../core/reply.ts";
import { NAME_PREFIX } from "../core/contract.ts";
import { t } from "../lang/choose.ts";
import { button, make, say } from "./dom.ts";

const HURRY_S = 60;
const FEW_ATTEMPTS = 3;
const BLINK_MS = 5000;

// What the board's access point and its advertisement are called.
export function boardName(deviceId: string): string {
  return NAME_PREFIX + deviceId.slice(-4).toUpperCase();
}

export class Overview {
  readonly element: HTMLElement;
  readonly #left = make("p", { id: "time-left", class: "quiet" });
  readonly #caution = make("p", { class: "caution", role: "status", hidden: true });
  #endsAt = 0;
  #attempts = 0;

  // `identify`: null for a board that would not blink, as it does not listen.
  constructor(info: BoardInfo, identify: (() => Promise<void>) | null) {
    this.element = make(
      "section",
      { id: "overview", class: "card board" },
      make(
        "div",
        {},
        make("p", { id: "board-name", translate: "no" }, boardName(info.deviceId)),
        make("p", { class: "quiet", translate: "no" }, info.model),
        this.#left,
      ),
      identify && blinkButton(identify),
      ...info.notes.map((note) => make("p", { class: "quiet note", lang: "en" }, note)),
      this.#caution,
    );
    this.update(info);
  }

  update(info: BoardInfo): void {
    this.#endsAt = info.windowS && Date.now() + info.windowS * 1000;
    this.#attempts = info.attempts;
    this.tick();
  }

  // Once a second.
  tick(): void {
    if (this.#endsAt === 0) return;
    const seconds = Math.max(0, Math.round((this.#endsAt - Date.now()) / 1000));
    const rest = String(seconds % 60).padStart(2, "0");
    this.#left.textContent = t.left(`${Math.floor(seconds / 60)}:${rest}`);
    const few = this.#attempts <= FEW_ATTEMPTS ? t.fewTries(this.#attempts) : "";
    say(this.#caution, seconds < HURRY_S ? t.hurry : few);
  }
}

function blinkButton(identify: () => Promise<void>): HTMLButtonElement {
  const blink = button("blink", t.blink, () => {
    void identify().then(
      () => {
        blink.textContent = t.blinking;
        setTimeout(() => (blink.textContent = t.blink), BLINK_MS);
      },
      () => undefined, // the board is looked for in any case
    );
  });
  return blink;
}
