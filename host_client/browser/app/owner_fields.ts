// Policy "first-use", and the board has an owner: the owner's key and its passphrase.
import type { BoardInfo } from "../core/reply.ts";
import type { OwnerKey } from "../core/owner.ts";
import type { Proof } from "../core/proof.ts";
import { t } from "../lang/choose.ts";
import { field, filePicker, make, say, sheetHint } from "./dom.ts";
import { Unready, type Draft } from "./draft.ts";
import { keptKey } from "./kept_key.ts";
import { fetchAhead, ownerCryptography } from "./owner_cryptography.ts";
import type { Complain, ProofFields } from "./proof_fields.ts";

const MAX_FILE = 16384; // octets, of a key file
const KEY_FILE = /-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/;

export class OwnerFields implements ProofFields {
  readonly element: HTMLElement;
  readonly #draft: Draft;

  constructor(draft: Draft, info: BoardInfo, complain: Complain) {
    this.#draft = draft;
    fetchAhead();
    draft.pem ??= keptKey(info.deviceId);
    const note = make("p", { class: "note-good", role: "status" });
    say(note, draft.pem ? t.kept : "");
    this.element = make(
      "fieldset",
      { class: "card" },
      make("legend", {}, t.ownerIs),
      make("p", { class: "hint" }, t.ownerIsHint),
      note,
      keyFile(draft, complain, () => say(note, "")),
      passphraseField(draft, "current-password"),
      sheetHint(),
    );
  }

  async prove(): Promise<Proof> {
    const key = await openedKey(this.#draft);
    return (await ownerCryptography("owner-file")).signedBy(key);
  }
}

// The key of the draft's file, opened. Throws Unready.
export async function openedKey({ pem, passphrase }: Draft): Promise<OwnerKey> {
  if (!pem) throw new Unready(t.noKey, "owner-file");
  const key = await (await ownerCryptography("owner-file")).opened(pem, passphrase);
  if (typeof key !== "string") return key;
  if (key === "owner-passphrase") throw new Unready(t.wrongPassphrase, "owner-passphrase");
  throw new Unready(t.badKey, "owner-file");
}

// A file that is no key, or cannot be read (it may lie in the cloud), leaves what there was.
export function keyFile(draft: Draft, complain: Complain, chosen: () => void): HTMLElement {
  return filePicker("owner-file", t.ownerFile, {}, (file) => {
    void file.slice(0, MAX_FILE).text().catch(() => "").then((text) => {
      if (!KEY_FILE.test(text)) return complain(t.badKey, "owner-file");
      complain("", "owner-file");
      draft.pem = text;
      chosen();
    });
  });
}

export function passphraseField(
  draft: Draft,
  autocomplete: string,
  hint = "",
  changed = (): void => {},
): HTMLElement {
  const [row, input] = field({
    id: "owner-passphrase",
    label: t.passphrase,
    hint,
    value: draft.passphrase,
    attributes: { type: "password", maxlength: "256", autocomplete },
  });
  input.addEventListener("input", () => {
    draft.passphrase = input.value;
    changed();
  });
  return row;
}
