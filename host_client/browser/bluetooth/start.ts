// The view before the app's own: what to do, and the button that opens the browser's list; or, where
// that cannot be, what works instead.
import { button, make, say } from "../app/dom.ts";
import { BluetoothOff, NothingChosen, type Obstacle, chooseBoard } from "./chooser.ts";
import { words } from "./words.ts";

export interface Start {
  name: string | null; // of the board that the label is of
  labelIsBad: boolean;
  isUnderWay: boolean; // an order of this tab, before a reload
  onChosen(device: BluetoothDevice): void;
  onWithout(): void; // the label is not to count
}

export function startView(start: Start): HTMLElement {
  const w = words();
  const problem = make("p", { id: "problem", class: "problem", role: "alert", hidden: true });
  const status = make("p", { id: "choosing", class: "quiet", role: "status" });
  const choose = async (name: string | null): Promise<void> => {
    say(problem, "");
    say(status, w.choosing);
    try {
      start.onChosen(await chooseBoard(name));
    } catch (error) {
      say(problem, reason(error));
    } finally {
      say(status, "");
    }
  };
  const { name } = start;
  return make(
    "section",
    { id: "start" },
    make("h1", {}, w.title),
    start.labelIsBad && make("p", { id: "label-bad", class: "caution" }, w.labelBad),
    name !== null && make("p", { id: "label-read" }, w.labelRead(name)),
    start.isUnderWay && make("p", { id: "under-way", class: "caution" }, w.underWay),
    make("p", {}, w.hold),
    make("p", {}, w.allow),
    button("choose", name === null ? w.choose : w.chooseNamed(name), () => void choose(name), "main"),
    // The name is the board's own word, and some systems show an older one.
    name !== null && button("choose-any", w.every, () => void choose(null)),
    name !== null && button("without-label", w.without, () => start.onWithout(), "quiet"),
    status,
    problem,
  );
}

function reason(error: unknown): string {
  const w = words();
  if (error instanceof BluetoothOff) return w.off;
  return error instanceof NothingChosen ? w.noChoice : w.noLink;
}

// `why`: what stands in the way; `accessPoint`: the name of the board's, null where it has none.
export function insteadView(why: Obstacle | "wifiOnly", accessPoint: string | null): HTMLElement {
  const w = words();
  return make(
    "section",
    { id: "instead" },
    make("h1", {}, why === "wifiOnly" ? w.title : w.cannot),
    make("p", { id: "why" }, w[why]),
    make("h2", {}, w.instead),
    accessPoint !== null && make("p", { id: "wifi" }, w.wifi(accessPoint)),
    make("p", { id: "computer" }, w.computer),
  );
}
