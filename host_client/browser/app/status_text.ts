// The words for a status of the protocol's table: what happened, and what to do.
import { t } from "../lang/choose.ts";
import type { Texts } from "../lang/en.ts";

type Told = Extract<keyof Texts, `s${number}`>;

// Statuses that mean the same to a person as another one.
const ALIKE: Record<number, Told> = { 11: "s10", 12: "s10", 16: "s10", 17: "s50" };

export function statusText(status: number): readonly [string, string] {
  const key = (ALIKE[status] ?? `s${status}`) as Told;
  return t[key] ?? t.s50;
}
