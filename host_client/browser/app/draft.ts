// What somebody has typed and chosen so far. It outlives every view: a failed try, a change of
// language or a lost board costs nobody a second typing. It is never stored.
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
  passphrase: string;
  again: string;
  keep: boolean; // the owner key in this browser as well
  made: OwnerKey | null; // made here: the only one, however often its file is saved
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
    passphrase: "",
    again: "",
    keep: true,
    made: null,
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
