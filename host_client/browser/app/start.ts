// The program of both pages: on the board's access point, and over Web Bluetooth.
import { Board } from "../board.ts";
import type { Label } from "../core/label.ts";
import type { Link } from "../links/link.ts";
import { speak, wanted } from "../lang/choose.ts";
import { Program, type Medium } from "./program.ts";
import { Shell } from "./shell.ts";

export interface AppOptions {
  root: HTMLElement; // what is in it gives way to the app
  link: () => Promise<Link>; // called once; the link makes itself anew when it was lost
  medium: Medium;
  label?: Label | null; // of the board that is wanted; another one is refused
}

export interface App {
  stop(): void; // afterwards the root may be filled with something else
}

// Rejects as `link` does.
export async function startApp({ root, link, medium, label = null }: AppOptions): Promise<App> {
  await speak(wanted());
  const board = new Board(await link());
  const shell = new Shell(root, () => program.redraw());
  const program = new Program(board, shell, medium, label);
  const seen = (): void => {
    if (!document.hidden) program.wake();
  };
  // A page that comes back from the browser's cache, or from a phone that slept, asks at once.
  const events = [[document, "visibilitychange"], [window, "pageshow"], [window, "online"]] as const;
  for (const [target, name] of events) target.addEventListener(name, seen);
  program.begin();
  return {
    stop: () => {
      for (const [target, name] of events) target.removeEventListener(name, seen);
      program.stop();
    },
  };
}
