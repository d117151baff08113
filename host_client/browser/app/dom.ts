// Elements, made without markup: whatever text comes, it stays text.
import { t } from "../lang/choose.ts";

export type Child = Node | string | null | undefined | false;
type Attribute = string | boolean | ((event: Event) => void);

// Functions become listeners, true and false set or leave out, text is set as it is.
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Attribute> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else element.setAttribute(name, value);
  }
  put(element, ...children);
  return element;
}

export function put(element: Element, ...children: Child[]): void {
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
}

export function refill(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  put(element, ...children);
}

// Shown if there is something to say.
export function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === "";
}

export function button(
  id: string,
  text: string,
  act: (event: Event) => void,
  kind = "plain",
): HTMLButtonElement {
  return make("button", { type: "button", id, class: kind, click: act }, text);
}

interface Field {
  id: string;
  label: string;
  hint?: string;
  value: string;
  attributes?: Record<string, Attribute>;
}

// A labelled input; its hint is read with it. Its value is no attribute: it may be a secret.
export function field({ id, label, hint, value, attributes }: Field): [HTMLElement, HTMLInputElement] {
  const described: Record<string, string> = hint ? { "aria-describedby": `${id}-hint` } : {};
  const input = make("input", {
    id,
    type: "text",
    autocomplete: "off",
    autocapitalize: "none",
    autocorrect: "off",
    spellcheck: "false",
    ...described,
    ...attributes,
  });
  input.value = value;
  const row = make(
    "div",
    { class: "field" },
    make("label", { for: id }, label),
    hint && make("p", { id: `${id}-hint`, class: "hint" }, hint),
    input,
  );
  return [row, input];
}

export function checkbox(
  id: string,
  text: string,
  checked: boolean,
  changed: (now: boolean) => void,
): HTMLElement {
  const input = make("input", { id, type: "checkbox", checked });
  input.addEventListener("change", () => changed(input.checked));
  return make("label", { class: "check", for: id }, input, make("span", {}, text));
}

// A button that lets somebody choose a file, or take a picture; then it tells the file's name.
export function filePicker(
  id: string,
  text: string,
  attributes: Record<string, Attribute>,
  chosen: (file: File) => void,
): HTMLElement {
  const label = make("label", { for: id, class: "button" }, text);
  const input = make("input", { id, type: "file", ...attributes });
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    if (!file) return;
    label.textContent = `${text}: ${file.name}`;
    chosen(file);
    input.value = ""; // so that the same one can be chosen again
  });
  return make("div", { class: "file" }, input, label);
}

// The sheet that a phone opens by itself when it joins the board's Wi-Fi handles no files. What
// comes over HTTPS is never in it.
export function sheetHint(): Child {
  return !isSecureContext && make("p", { class: "hint" }, t.sheet(location.origin));
}

// A file to take home.
export function download(name: string, content: string | Uint8Array, type: string): void {
  const blob = new Blob([content as BlobPart], { type });
  const address = URL.createObjectURL(blob);
  const link = make("a", { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
