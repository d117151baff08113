// How somebody shows that the board may obey: one form a policy.
import type { BoardInfo } from "../core/reply.ts";
import { FIRST_USE, LABEL, OPEN_POLICY } from "../core/contract.ts";
import { anybody, type Proof } from "../core/proof.ts";
import { t } from "../lang/choose.ts";
import { make } from "./dom.ts";
import type { Draft } from "./draft.ts";
import { FirstOwnerFields } from "./first_owner_fields.ts";
import { LabelFields } from "./label_fields.ts";
import { OwnerFields } from "./owner_fields.ts";

// Say what is wrong, behind the element of this id; "": nothing any more.
export type Complain = (text: string, place: string) => void;

export interface ProofFields {
  readonly element: HTMLElement;
  readonly ready?: boolean; // absent: yes
  prove(): Promise<Proof>; // throws Unready
}

// The form for this board; null where only an order made elsewhere will do.
export function proofFields(
  draft: Draft,
  info: BoardInfo,
  complain: Complain,
  changed: () => void,
): ProofFields | null {
  switch (info.policy) {
    case LABEL:
      return new LabelFields(draft, info, complain);
    case FIRST_USE:
      return info.owned
        ? new OwnerFields(draft, info, complain)
        : new FirstOwnerFields(draft, info, complain, changed);
    case OPEN_POLICY:
      return { element: openWarning(), prove: async () => anybody() };
    default:
      return null;
  }
}

function openWarning(): HTMLElement {
  return make(
    "div",
    { class: "card caution-card" },
    make("h2", {}, t.open),
    make("p", {}, t.openHint),
  );
}
