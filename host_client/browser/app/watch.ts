// Keeps an eye on the board: asks again and again what it says of itself, at once when the page is
// seen again, and not at all while nobody looks.
import type { Board } from "../board.ts";
import type { BoardInfo } from "../core/reply.ts";

const LATE_MS = 4000; // a scan keeps a board from answering for three seconds

export interface Watcher {
  met(info: BoardInfo): void;
  late(): void; // no answer for a while; it is still waited for
  failed(error: unknown): void;
  pauseMs(): number; // until the next question
}

export class Watch {
  readonly #board: Board;
  readonly #watcher: Watcher;
  #round = 0;
  #goOn = (): void => {};

  constructor(board: Board, watcher: Watcher) {
    this.#board = board;
    this.#watcher = watcher;
  }

  start(): void {
    this.stop();
    void this.#run(this.#round);
  }

  stop(): void {
    this.#round++;
    this.#goOn();
  }

  // The page is looked at again.
  wake(): void {
    this.#goOn();
  }

  async #run(round: number): Promise<void> {
    const current = (): boolean => round === this.#round;
    while (current()) {
      const timer = setTimeout(() => current() && this.#watcher.late(), LATE_MS);
      try {
        const info = await this.#board.info();
        if (current()) this.#watcher.met(info);
      } catch (error) {
        if (current()) this.#watcher.failed(error);
      } finally {
        clearTimeout(timer);
      }
      if (current()) await this.#pause(this.#watcher.pauseMs());
    }
  }

  #pause(timeMs: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (document.hidden) timer = setTimeout(look, timeMs);
        else resolve();
      };
      let timer = setTimeout(look, timeMs);
      this.#goOn = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
