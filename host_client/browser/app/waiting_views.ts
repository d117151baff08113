// Views in which there is nothing to fill in: the board does not listen, is at work, or is none
// that anything should be sent to.
import { t } from "../lang/choose.ts";
import { button, make, type Child } from "./dom.ts";

function view(id: string, title: string, hint: string, ...more: Child[]): HTMLElement {
  return make("section", { id, class: "waiting" }, make("h1", {}, title), make("p", {}, hint), ...more);
}

export function shutView(overview: HTMLElement): HTMLElement {
  return view("shut", t.shut, t.shutHint, overview);
}

// `last`: how the last order ended, or "".
export function doneView(overview: HTMLElement, last: string): HTMLElement {
  return view("done", t.done, t.doneHint, last !== "" && make("p", { class: "note-good" }, last), overview);
}

export function tryingView(overview: HTMLElement): HTMLElement {
  return view("trying", t.trying, t.tryingHint, overview);
}

export function brokenView(): HTMLElement {
  return view("broken", t.broken, t.brokenHint);
}

export function untrustedView(): HTMLElement {
  return view("untrusted", t.untrusted, t.untrustedHint);
}

export function strangeView(): HTMLElement {
  return view(
    "strange",
    t.strange,
    t.strangeHint,
    button("reload", t.reload, () => location.reload(), "main"),
  );
}
