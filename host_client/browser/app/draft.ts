// What somebody has typed and chosen so far. It outlives every view: a failed try, a change of
// language or a lost board costs nobody a second typing. It is never stored. Work under way is part
// of it: a view that is drawn meanwhile, in another language, waits for it as the first one does.
import type { CarriedOrder } from "../core/bundle.ts";
import type { Label } from "../core/label.ts";
import type { OwnerKey } from "../core/owner.ts";

export interface Draft {
  choice: string | null; // hexadecimal SSID of a network seen, OTHER, or nothing yet
  name: string; // of another network
  hidden: boolean;
  password: string;
  passwordShown: boolean;
  code: string; // of the label
  label: Label | null;
  reading: Promise<string> | null; // a picture of a label; rejects with Unready
  passphrase: string;
  again: string;
  keep: boolean; // the owner key in this browser as well
  made: OwnerKey | null; // made here: the only one, however often its file is saved
  saving: Promise<void> | null; // its file, as long as that takes; rejects with Unready
  savedUnder: string | null; // the passphrase of its file, once it is handed out
  found: boolean; // whether somebody has seen that file
  pem: string | null; // a key file chosen
  ordered: boolean; // with an order made elsewhere, instead of a network chosen here
  orders: CarriedOrder[];
  orderText: string;
}

export const OTHER = "other";

export function newDraft(): Draft {
  return {
    choice: null,
    name: "",
    hidden: false,
    password: "",
    passwordShown: false,
    code: "",
    label: null,
    reading: null,
    passphrase: "",
    again: "",
    keep: true,
    made: null,
    saving: null,
    savedUnder: null,
    found: false,
    pem: null,
    ordered: false,
    orders: [],
    orderText: "",
  };
}

// Something is missing, or cannot be used: what to say, and where to mend it.
export class Unready extends Error {
  constructor(
    override readonly message: string,
    readonly place: string, // id of an element
  ) {
    super(message);
  }
}
