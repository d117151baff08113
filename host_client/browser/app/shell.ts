// The frame around every view: the header with the languages, and what is said of the link.
import { speak, t, tongue, TONGUES, type Tongue } from "../lang/choose.ts";
import { make, refill, say } from "./dom.ts";

export class Shell {
  readonly lost = make("p", { id: "lost", class: "lost", role: "status", hidden: true });
  readonly #view = make("main", { id: "view" });
  readonly #languages: HTMLSelectElement;

  constructor(root: HTMLElement, redraw: () => void) {
    this.#languages = make("select", { id: "language" });
    for (const [code, name] of Object.entries(TONGUES)) {
      put(this.#languages, code, name);
    }
    this.#languages.addEventListener("change", () => {
      void speak(this.#languages.value as Tongue, true).then(() => {
        this.#name();
        redraw();
        this.#languages.focus();
      });
    });
    this.#name();
    const header = make(
      "header",
      {},
      make("span", { class: "brand", translate: "no" }, "Latchkey"),
      this.#languages,
    );
    refill(root, header, this.lost, this.#view);
  }

  // Put a view in place of the last one. The focus goes to its heading, so that who does not see
  // the page hears that it is another one.
  show(view: HTMLElement, focus = true): void {
    refill(this.#view, view);
    const heading = view.querySelector("h1");
    if (!heading) return;
    document.title = `${heading.textContent} – Latchkey`;
    heading.tabIndex = -1;
    if (focus) {
      heading.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  }

  // Say that the board is not there; nothing, if it is.
  tell(lost: string): void {
    say(this.lost, lost);
  }

  #name(): void {
    this.#languages.value = tongue;
    this.#languages.setAttribute("aria-label", t.tongue);
  }
}

function put(list: HTMLSelectElement, code: string, name: string): void {
  list.append(make("option", { value: code, lang: code }, name));
}
