// Which language the page speaks. English is in the program; the others are fetched when wanted,
// so that nobody waits for four languages that nobody reads.
import { en, type Texts } from "./en.ts";

export type Tongue = "en" | "de" | "es" | "fr" | "zh";
export const TONGUES: Record<Tongue, string> = {
  en: "English",
  de: "Deutsch",
  es: "Español",
  fr: "Français",
  zh: "中文",
};
const OTHERS: Record<Exclude<Tongue, "en">, () => Promise<Texts>> = {
  de: async () => (await import("./de.js")).de,
  es: async () => (await import("./es.js")).es,
  fr: async () => (await import("./fr.js")).fr,
  zh: async () => (await import("./zh.js")).zh,
};
const STORED = "latchkey.language";

// The texts of the language chosen: a live binding, read at each use.
export let t: Texts = en;
export let tongue: Tongue = "en";

// The reader's: chosen here before, else the first of the browser's that there is.
export function wanted(): Tongue {
  for (const name of [chosenBefore(), ...navigator.languages]) {
    const primary = name.slice(0, 2).toLowerCase();
    if (primary in TONGUES) return primary as Tongue;
  }
  return "en";
}

function chosenBefore(): string {
  try {
    return localStorage.getItem(STORED) ?? "";
  } catch {
    return ""; // no storage here
  }
}

// Speak it, and tell the browser so. Stays with the present one if its file does not come.
export async function speak(wish: Tongue, chosen = false): Promise<void> {
  try {
    t = wish === "en" ? en : await OTHERS[wish]();
    tongue = wish;
    if (chosen) localStorage.setItem(STORED, wish);
  } catch {
    // No file, or no storage: what is spoken now will do.
  }
  document.documentElement.lang = tongue === "zh" ? "zh-Hans" : tongue;
}
