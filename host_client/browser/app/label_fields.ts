// Policy "label": the code on the board's label, typed, pasted, or from a picture of its QR code.
import type { BoardInfo } from "../core/reply.ts";
import { BadInput } from "../core/errors.ts";
import { labelMatches, readLabel } from "../core/label.ts";
import { labelCode, type Proof } from "../core/proof.ts";
import { t } from "../lang/choose.ts";
import { field, filePicker, make, say } from "./dom.ts";
import { Unready, type Draft } from "./draft.ts";
import type { Complain, ProofFields } from "./proof_fields.ts";

const PLACE = "label-code";
const GROUP = 4;
const CODE_LENGTH = 21;
const LOOKS_LIKE_A_LABEL = /^\s*(https?:|LK\d+:)/i; // as core/label.ts has it
const WHOLE_LABEL = /^\s*(https?:|LK\d+:).*:(WB?|B)\s*$/i;

export class LabelFields implements ProofFields {
  readonly element: HTMLElement;
  readonly #draft: Draft;
  readonly #info: BoardInfo;
  readonly #input: HTMLInputElement;
  readonly #complain: Complain;
  readonly #note = make("p", { class: "note-good", role: "status", hidden: true });

  constructor(draft: Draft, info: BoardInfo, complain: Complain) {
    this.#draft = draft;
    this.#info = info;
    this.#complain = complain;
    const [row, input] = field({
      id: PLACE,
      label: t.label,
      hint: t.labelHint,
      value: grouped(draft.code),
      attributes: { maxlength: "320", autocapitalize: "characters", class: "code" },
    });
    this.#input = input;
    input.addEventListener("input", (event) => this.#typed(event as InputEvent));
    input.addEventListener("change", () => this.#left());
    this.element = make("div", { class: "card" }, row, this.#picture(), this.#note);
    this.#tell();
    void this.#await();
  }

  // Throws Unready.
  async prove(): Promise<Proof> {
    const draft = this.#draft;
    if (LOOKS_LIKE_A_LABEL.test(draft.code)) this.#accept(draft.code);
    const trouble = draft.code.trim() === "" ? t.codeMissing : wrong(draft.code);
    if (trouble) throw new Unready(trouble, PLACE);
    return labelCode(draft.code);
  }

  // A label that was read: of this board, or of none that matters.
  take(text: string): void {
    say(this.#note, "");
    try {
      this.#accept(text);
      this.#complain("", PLACE);
    } catch (error) {
      if (!(error instanceof Unready)) throw error;
      this.#complain(error.message, PLACE);
    }
  }

  #accept(text: string): void {
    let read;
    try {
      read = readLabel(text);
    } catch (error) {
      if (error instanceof BadInput) throw new Unready(t.notLabel, PLACE);
      throw error;
    }
    const { label, code } = read;
    if (label && label.deviceId !== this.#info.deviceId) {
      throw new Unready(t.labelOther(label.deviceId), PLACE);
    }
    if (label && !labelMatches(label, this.#info.deviceKey)) {
      throw new Unready(t.untrustedHint, PLACE);
    }
    if (!code) throw new Unready(t.labelNoCode, PLACE);
    if (label) this.#draft.label = label;
    this.#draft.code = this.#input.value = grouped(code);
    this.#tell();
  }

  // A label that was read goes on vouching for the board's key, whatever is typed afterwards: it
  // may ask for more, never for less. But what is said of it is said of its own code only.
  #tell(): void {
    const { label, code } = this.#draft;
    say(this.#note, label?.code && grouped(label.code) === grouped(code) ? t.labelRead : "");
  }

  #typed(event: InputEvent): void {
    const input = this.#input;
    const atEnd = input.selectionEnd === input.value.length;
    this.#complain("", PLACE);
    if (WHOLE_LABEL.test(input.value)) {
      this.take(input.value);
    } else if (atEnd && !event.inputType?.startsWith("delete")) {
      input.value = grouped(input.value);
    }
    this.#draft.code = input.value;
    this.#tell();
  }

  // Typed to its end, and left.
  #left(): void {
    const { value } = this.#input;
    if (value.trim() === "") return;
    if (LOOKS_LIKE_A_LABEL.test(value)) this.take(value);
    else this.#complain(wrong(value), PLACE);
  }

  #picture(): HTMLElement {
    const attributes = { accept: "image/*", capture: "environment" };
    return filePicker("label-photo", t.photo, attributes, (file) => this.#scan(file));
  }

  #scan(file: File): void {
    this.#complain("", "label-photo");
    this.#draft.reading = readPicture(file);
    void this.#await();
  }

  // What is read out of a picture, be it one that was chosen before this view was drawn.
  async #await(): Promise<void> {
    const { reading } = this.#draft;
    if (!reading) return;
    say(this.#note, t.reading);
    try {
      const text = await reading;
      this.#tell();
      this.take(text);
    } catch (error) {
      this.#tell();
      if (!(error instanceof Unready)) throw error;
      this.#complain(error.message, error.place);
    } finally {
      if (this.#draft.reading === reading) this.#draft.reading = null;
    }
  }
}

// The text of the QR code in a picture. Throws Unready.
async function readPicture(file: File): Promise<string> {
  let scan;
  try {
    // The reader of QR codes is a file of its own: most people type, and need not wait for it.
    scan = await import("./scan.js");
  } catch {
    throw new Unready(t.notFetched, "label-photo");
  }
  const text = await scan.readQr(file).catch(() => null); // no picture: the same advice
  if (text === null) throw new Unready(t.noQr, "label-photo");
  return text;
}

// In groups of four, as it is printed; letters that cannot be are mended when it is read.
function grouped(text: string): string {
  if (LOOKS_LIKE_A_LABEL.test(text)) return text;
  const plain = text.toUpperCase().replace(/[\s-]/g, "");
  return (plain.match(new RegExp(`.{1,${GROUP}}`, "gu")) ?? []).join("-");
}

// What is wrong with a code, or "".
function wrong(text: string): string {
  try {
    readLabel(text);
    return "";
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    const { length } = text.replace(/[\s-]/g, "");
    return error.reason === "label-length" && length !== CODE_LENGTH ? t.codeShort(length) : t.codeWrong;
  }
}
