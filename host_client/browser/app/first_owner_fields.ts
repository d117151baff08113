// Policy "first-use", and nobody owns the board yet: the owner key is made here. Nothing can be
// sent before its file was saved, for whoever loses the key loses the board.
import type { BoardInfo } from "../core/reply.ts";
import type { Proof } from "../core/proof.ts";
import { t } from "../lang/choose.ts";
import { boardName } from "./overview.ts";
import { button, checkbox, download, field, make, say, sheetHint } from "./dom.ts";
import { Unready, type Draft } from "./draft.ts";
import { keepKey, keptKey } from "./kept_key.ts";
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
  // No page learns whether a file that it hands out is ever saved: a phone's sign-in sheet drops it.
  readonly #found: HTMLElement;
  readonly #anew: HTMLButtonElement; // for who took a key, and would rather make one
  readonly #note = make("p", { class: "note-good", role: "status" });
  readonly #complain: Complain;

  // `changed` is called when `ready` may have.
  constructor(draft: Draft, info: BoardInfo, complain: Complain, changed: () => void) {
    this.#draft = draft;
    this.#info = info;
    this.#complain = complain;
    this.#changed = changed;
    fetchAhead();
    this.#save = button("owner-save", "", () => void this.#make());
    this.#found = checkbox("owner-found", t.found, draft.found, (now) => {
      draft.found = now;
      this.#changed();
    });
    this.#anew = button("owner-anew", t.makeAnew, () => this.#take(null), "quiet");
    this.#making = make(
      "div",
      { class: "stack" },
      this.#again(),
      checkbox("owner-keep", t.keep, draft.keep, (now) => (draft.keep = now)),
      this.#save,
    );
    // Made before the page was loaded anew: another one would only be mistaken for it.
    if (!draft.made) draft.pem ??= keptKey(info.deviceId);
    const file = keyFile(draft, complain, () => this.#take(draft.pem));
    const own = make("details", {}, make("summary", {}, t.haveKey), file);
    this.element = make(
      "fieldset",
      { class: "card" },
      make("legend", {}, t.owner),
      make("p", { class: "hint" }, t.ownerHint),
      passphraseField(draft, "new-password", t.passphraseHint(MIN_PASSPHRASE), () => this.#tell()),
      this.#making,
      this.#anew,
      this.#note,
      this.#found,
      sheetHint(),
      own,
    );
    this.#tell(false);
    void this.#await();
  }

  // A file under a passphrase that was changed since is not the one that its owner will open.
  get ready(): boolean {
    const { pem, found } = this.#draft;
    return pem !== null || (this.#saved && found);
  }

  get #saved(): boolean {
    const { made, passphrase, savedUnder } = this.#draft;
    return made !== null && savedUnder === passphrase;
  }

  // Throws Unready.
  async prove(): Promise<Proof> {
    const { made, pem } = this.#draft;
    const key = pem ? await openedKey(this.#draft) : this.ready && made;
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
    this.#draft.saving = this.#saveKey();
    await this.#await();
  }

  // The file that is being made, be it since before this view was drawn.
  async #await(): Promise<void> {
    const { saving } = this.#draft;
    if (!saving) return;
    this.#save.disabled = true;
    say(this.#note, t.making);
    try {
      await saving;
    } catch (error) {
      if (!(error instanceof Unready)) throw error;
      this.#complain(error.message, error.place);
    } finally {
      this.#draft.saving = null;
      this.#save.disabled = false;
      this.#tell();
    }
  }

  // The key is the draft's from its beginning: it is the only one, whatever comes between.
  async #saveKey(): Promise<void> {
    const draft = this.#draft;
    const { passphrase, keep } = draft;
    const { makeOwnerKey, toPem } = await ownerCryptography("owner-save");
    draft.made ??= makeOwnerKey();
    const pem = await toPem(draft.made, passphrase);
    const { deviceId } = this.#info;
    download(`${boardName(deviceId)}-owner.pem`, pem, PEM_TYPE);
    if (keep) keepKey(deviceId, pem);
    draft.savedUnder = passphrase;
    draft.found = false;
  }

  // A key there is already, whose passphrase is enough; null: make one after all.
  #take(pem: string | null): void {
    this.#draft.pem = pem;
    this.#tell();
  }

  // How it stands. `changed`: whether the form is there already, and is to know.
  #tell(changed = true): void {
    const { made, pem } = this.#draft;
    this.#making.hidden = pem !== null;
    this.#anew.hidden = pem === null;
    this.#save.textContent = made ? t.saveAgain : t.save;
    this.#found.hidden = pem !== null || !this.#saved;
    this.#found.querySelector("input")!.checked = this.#draft.found;
    say(this.#note, pem !== null ? t.keyTaken : this.#saved ? t.saved : "");
    if (changed) this.#changed();
  }

  #again(): HTMLElement {
    const draft = this.#draft;
    const [row, input] = field({
      id: "owner-passphrase-again",
      label: t.again,
      value: draft.again,
      attributes: { type: "password", maxlength: "256", autocomplete: "new-password" },
    });
    input.addEventListener("input", () => (draft.again = input.value));
    return row;
  }
}
