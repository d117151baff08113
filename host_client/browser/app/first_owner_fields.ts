// Policy "first-use", and nobody owns the board yet: the owner key is made here. Nothing can be
// sent before its file was saved, for whoever loses the key loses the board.
import type { BoardInfo } from "../core/reply.ts";
import type { Proof } from "../core/proof.ts";
import { t } from "../lang/choose.ts";
import { boardName } from "./overview.ts";
import { button, checkbox, download, field, make, say, sheetHint } from "./dom.ts";
import { Unready, type Draft } from "./draft.ts";
import { keepKey } from "./kept_key.ts";
import { fetchAhead, ownerCryptography } from "./owner_cryptography.ts";
import { keyFile, openedKey, passphraseField } from "./owner_fields.ts";
import type { Complain, ProofFields } from "./proof_fields.ts";

const MIN_PASSPHRASE = 8; // characters, as host_client/authority.py
const PEM_TYPE = "application/x-pem-file";

export class FirstOwnerFields implements ProofFields {
  readonly element: HTMLElement;
  readonly #draft: Draft;
  readonly #info: BoardInfo;
  readonly #changed: () => void;
  readonly #save: HTMLButtonElement;
  readonly #making: HTMLElement;
  readonly #note = make("p", { class: "note-good", role: "status" });
  readonly #complain: Complain;

  // `changed` is called when `ready` may have.
  constructor(draft: Draft, info: BoardInfo, complain: Complain, changed: () => void) {
    this.#draft = draft;
    this.#info = info;
    this.#complain = complain;
    this.#changed = changed;
    fetchAhead();
    this.#save = button("owner-save", draft.made ? t.saveAgain : t.save, () => void this.#make());
    this.#making = make(
      "div",
      { class: "stack" },
      this.#again(),
      checkbox("owner-keep", t.keep, draft.keep, (now) => (draft.keep = now)),
      this.#save,
    );
    say(this.#note, draft.made ? t.saved : "");
    const own = make("details", {}, make("summary", {}, t.haveKey), keyFile(draft, () => this.#take()));
    this.element = make(
      "fieldset",
      { class: "card" },
      make("legend", {}, t.owner),
      make("p", { class: "hint" }, t.ownerHint),
      passphraseField(draft, "new-password", t.passphraseHint(MIN_PASSPHRASE)),
      this.#making,
      this.#note,
      sheetHint(),
      own,
    );
    if (draft.pem) this.#take();
  }

  get ready(): boolean {
    return this.#draft.made !== null || this.#draft.pem !== null;
  }

  // Throws Unready.
  async prove(): Promise<Proof> {
    const { made, pem } = this.#draft;
    const key = pem ? await openedKey(this.#draft) : made;
    if (!key) throw new Unready(t.saveFirst, "owner-save");
    return (await ownerCryptography("owner-save")).firstUse(key);
  }

  async #make(): Promise<void> {
    const { passphrase, again } = this.#draft;
    if (Array.from(passphrase).length < MIN_PASSPHRASE) {
      return this.#complain(t.shortPassphrase(MIN_PASSPHRASE), "owner-passphrase");
    }
    if (passphrase !== again) return this.#complain(t.differ, "owner-passphrase-again");
    this.#complain("", "owner-save");
    this.#save.disabled = true;
    say(this.#note, t.making);
    try {
      await this.#saveKey();
      this.#save.textContent = t.saveAgain;
      say(this.#note, t.saved);
    } catch (error) {
      say(this.#note, "");
      if (!(error instanceof Unready)) throw error;
      this.#complain(error.message, error.place);
    } finally {
      this.#save.disabled = false;
      this.#changed();
    }
  }

  async #saveKey(): Promise<void> {
    const { passphrase, made, keep } = this.#draft;
    const { makeOwnerKey, toPem } = await ownerCryptography("owner-save");
    const key = made ?? makeOwnerKey();
    const pem = await toPem(key, passphrase);
    const { deviceId } = this.#info;
    download(`${boardName(deviceId)}-owner.pem`, pem, PEM_TYPE);
    if (keep) keepKey(deviceId, pem);
    this.#draft.made = key;
  }

  // A key there is already: its passphrase is enough.
  #take(): void {
    this.#making.hidden = true;
    this.#changed();
  }

  #again(): HTMLElement {
    const draft = this.#draft;
    const [row, input] = field({
      id: "owner-passphrase-again",
      label: t.again,
      attributes: {
        type: "password",
        value: draft.again,
        maxlength: "256",
        autocomplete: "new-password",
      },
    });
    input.addEventListener("input", () => (draft.again = input.value));
    return row;
  }
}
