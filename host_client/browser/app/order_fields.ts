// An order made elsewhere: its file, or its text. It is carried to the board as it is.
import { MAX_FILE, readOrders, type CarriedOrder } from "../core/bundle.ts";
import { SIGNED } from "../core/contract.ts";
import { BadInput } from "../core/errors.ts";
import type { BoardInfo } from "../core/reply.ts";
import { t } from "../lang/choose.ts";
import { filePicker, make, say, sheetHint } from "./dom.ts";
import type { Complain } from "./proof_fields.ts";
import { Unready, type Draft } from "./draft.ts";

export class OrderFields {
  readonly element: HTMLElement;
  readonly #draft: Draft;
  readonly #deviceId: string;
  readonly #text: HTMLTextAreaElement;
  readonly #note = make("p", { class: "note-good", role: "status" });
  readonly #complain: Complain;
  #given = false; // whether there is anything, be it no order
  #tooLong = false;

  constructor(draft: Draft, info: BoardInfo, complain: Complain) {
    this.#draft = draft;
    this.#complain = complain;
    this.#deviceId = info.deviceId;
    this.#text = this.#textArea();
    this.element = make(
      "fieldset",
      { class: "card" },
      make("legend", {}, t.order),
      info.policy === SIGNED && make("p", { class: "hint" }, t.orderHint),
      this.#file(),
      make("div", { class: "field" }, make("label", { for: "order-text" }, t.orderText), this.#text),
      this.#note,
      sheetHint(),
    );
    this.#given = draft.orders.length > 0 || draft.orderText !== "";
    this.#judge();
  }

  // The order for this board. Throws Unready.
  order(): CarriedOrder {
    const { orders } = this.#draft;
    if (orders.length === 0) {
      const bad = this.#tooLong ? t.orderLong : t.orderBad;
      throw new Unready(this.#given ? bad : t.noOrder, "order-text");
    }
    const ours = orders.filter(({ deviceId }) => deviceId === null || deviceId === this.#deviceId);
    const newest = ours.sort((a, b) => (b.sequence ?? 0) - (a.sequence ?? 0))[0];
    if (newest) return newest;
    const theirs = Array.from(new Set(orders.map(({ deviceId }) => deviceId)));
    const few = theirs.slice(0, 3).join(", ") + (theirs.length > 3 ? " …" : "");
    throw new Unready(t.orderOther(few, this.#deviceId), "order-text");
  }

  // `given`: a file is something, even with nothing in it.
  #take(input: Uint8Array | string, given = input.length > 0): void {
    this.#given = given;
    this.#tooLong = false;
    try {
      this.#draft.orders = readOrders(input);
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      this.#draft.orders = [];
      this.#tooLong = error.reason === "orders-size";
    }
    this.#judge();
  }

  #judge(): void {
    say(this.#note, "");
    this.#complain("", "order-text");
    if (!this.#given) return;
    try {
      const { networks, deviceId } = this.order();
      say(this.#note, deviceId === null ? t.orderBare : t.orderReady(networks));
    } catch (error) {
      if (!(error instanceof Unready)) throw error;
      this.#complain(error.message, error.place);
    }
  }

  #file(): HTMLElement {
    return filePicker("order-file", t.orderFile, {}, (file) => {
      // One that cannot be read is none: it may lie in the cloud, out of this phone's reach now.
      const content = file.slice(0, MAX_FILE + 1).arrayBuffer().catch(() => new ArrayBuffer(0));
      void content.then((octets) => {
        this.#text.value = this.#draft.orderText = "";
        this.#take(new Uint8Array(octets), true);
      });
    });
  }

  #textArea(): HTMLTextAreaElement {
    const area = make("textarea", {
      id: "order-text",
      rows: "4",
      spellcheck: "false",
      autocapitalize: "none",
      autocomplete: "off",
    });
    area.value = this.#draft.orderText;
    area.addEventListener("input", () => {
      this.#draft.orderText = area.value;
      this.#take(area.value.trim());
    });
    return area;
  }
}
