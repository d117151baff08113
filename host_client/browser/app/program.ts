// The page's states: looking for the board, the form, sending, the result; and the ways between.
import type { Board } from "../board.ts";
import * as c from "../core/contract.ts";
import { LinkError, ProvisioningError, UntrustedBoard } from "../core/errors.ts";
import type { Label } from "../core/label.ts";
import { equal } from "../core/octets.ts";
import type { BoardInfo, SeenNetwork } from "../core/reply.ts";
import { checkBoard } from "../core/trust.ts";
import { t } from "../lang/choose.ts";
import { newDraft, type Draft } from "./draft.ts";
import { Form, type Wish } from "./form.ts";
import { Journey } from "./journey.ts";
import { boardName, Overview } from "./overview.ts";
import { remembered, type Followed } from "./resume.ts";
import type { Shell } from "./shell.ts";
import {
  brokenView,
  doneView,
  shutView,
  strangeView,
  tryingView,
  untrustedView,
} from "./waiting_views.ts";
import { Watch } from "./watch.ts";

export type Medium = "wifi" | "ble";

const FORM_MS = 10_000; // between two looks at the board
const WAITING_MS = 3000;

export class Program {
  readonly #board: Board;
  readonly #shell: Shell;
  readonly #medium: Medium;
  readonly #label: Label | null;
  readonly #watch: Watch;
  readonly #clock: number;
  #draft: Draft;
  #info: BoardInfo | null = null;
  #networks: SeenNetwork[] = [];
  #scanning: Promise<SeenNetwork[]> | null = null; // the latest
  #shown = ""; // which view is there
  #begun = false; // whether there was one before
  #late = false; // whether an answer is overdue, since the board was last looked for
  #form: Form | null = null;
  #journey: Journey | null = null;
  #draw: () => HTMLElement | null = () => null;

  constructor(board: Board, shell: Shell, medium: Medium, label: Label | null) {
    this.#board = board;
    this.#shell = shell;
    this.#medium = medium;
    this.#label = label;
    this.#draft = this.#newDraft();
    this.#watch = new Watch(board, {
      met: (info) => this.#meet(info),
      late: () => this.#miss(),
      failed: (error) => this.#fail(error),
      pauseMs: () => (this.#form ? FORM_MS : WAITING_MS),
    });
    this.#clock = window.setInterval(() => this.#form?.overview.tick(), 1000);
  }

  // Goes on with what was under way before a reload.
  begin(): void {
    const order = remembered();
    if (order) this.#travel((journey) => journey.resume(order), order, null);
    else this.#look();
  }

  stop(): void {
    this.#watch.stop();
    this.#journey?.stop();
    clearInterval(this.#clock);
  }

  // The page is looked at again.
  wake(): void {
    this.#board.wake();
    this.#watch.wake();
  }

  // In another language.
  redraw(): void {
    const view = this.#draw();
    if (view) this.#shell.show(view, false);
    if (this.#shell.lost.hidden) return;
    if (this.#journey) this.#journey.lose(true);
    else this.#lose(true);
  }

  // Look for the board, and show what fits its state.
  #look(): void {
    this.#journey = null;
    this.#shown = "";
    this.#late = false;
    if (!this.#info) this.#lose(true);
    this.#watch.start();
  }

  #lose(lost: boolean): void {
    const { deviceId } = this.#info ?? {};
    if (!lost) this.#shell.tell("");
    else if (!deviceId || !this.#late) this.#shell.tell(t.looking);
    else this.#shell.tell(this.#medium === "ble" ? t.goneNear : t.gone(boardName(deviceId)));
  }

  #miss(): void {
    this.#late = true;
    this.#lose(true);
  }

  #fail(error: unknown): void {
    if (error instanceof LinkError) return this.#miss();
    this.#lose(false);
    if (error instanceof UntrustedBoard) this.#show("untrusted", untrustedView);
    else this.#show("strange", strangeView);
    if (!(error instanceof ProvisioningError)) throw error;
  }

  #meet(info: BoardInfo): void {
    const known = this.#info;
    const another = known !== null && known.deviceId !== info.deviceId;
    try {
      checkBoard(info, this.#label);
      if (!another) this.#checkChange(info);
    } catch (error) {
      return this.#fail(error);
    }
    this.#lose(false);
    if (another) this.#forget();
    this.#info = info;
    const { state, policy, owned, deviceId } = info;
    if (state === c.OPEN && info.nonce) {
      const isNew = this.#show(`form ${deviceId} ${policy} ${owned}`, () => this.#newForm());
      if (isNew && this.#form?.asksForNetwork) this.#scan(false);
      this.#form?.overview.update(info);
    } else if (state === c.TRYING) this.#show("trying", () => tryingView(this.#overview()));
    else if (state === c.READY) this.#show("shut", () => shutView(this.#overview()));
    else if (state === c.PROVISIONED) this.#showDone();
    else this.#show("broken", brokenView);
  }

  // A board keeps its key; and who has typed a label code is not talked into an order that needs
  // none, for everybody can read such a one who stands in the board's place: unless a whole label
  // vouches for the key. Boards of the looser policies have label codes, too, to be tightened
  // later. Throws UntrustedBoard.
  #checkChange({ deviceKey, policy }: BoardInfo): void {
    if (this.#info && !equal(this.#info.deviceKey, deviceKey)) {
      throw new UntrustedBoard("another key under the same id");
    }
    const looser = policy === c.FIRST_USE || policy === c.OPEN_POLICY;
    if (looser && !this.#label && this.#draft.code !== "") throw new UntrustedBoard("a looser policy");
  }

  // What was typed.
  #forget(): void {
    this.#draft = this.#newDraft();
    this.#networks = [];
    this.#scanning = null;
  }

  // Nothing typed yet; but the label that the page was opened with needs no typing.
  #newDraft(): Draft {
    const draft = newDraft();
    return this.#label?.code ? { ...draft, label: this.#label, code: this.#label.code } : draft;
  }

  // Whether it is a new one.
  #show(name: string, draw: () => HTMLElement): boolean {
    if (this.#shown === name) return false;
    const first = !this.#begun; // a page that is new is read from its beginning anyway
    this.#begun = true;
    this.#shown = name;
    this.#form = null;
    this.#draw = draw;
    this.#shell.show(draw(), !first);
    return true;
  }

  #newForm(): HTMLElement {
    const info = this.#info!;
    const form = new Form(this.#draft, info, {
      identify: () => this.#board.identify(),
      rescan: () => this.#scan(true),
      send: (wish) => this.#send(wish, info),
    });
    if (this.#networks.length > 0) form.fill(this.#networks);
    if (this.#scanning) form.busy(true);
    this.#form = form;
    return form.element;
  }

  #overview(): HTMLElement {
    return new Overview(this.#info!, null).element;
  }

  #showDone(): void {
    let last = "";
    const draw = (): HTMLElement => doneView(this.#overview(), last && t.lastOk);
    if (!this.#show("done", draw)) return;
    // Whoever does not know the order's id is told no more than how it ended.
    void this.#board.follow({ orderId: null, networks: 0 }, () => undefined).then(
      ({ step }) => {
        if (step !== c.DONE || this.#shown !== "done") return;
        last = "ok";
        this.#shell.show(draw(), false);
      },
      () => undefined, // it is looked for again and again in any case
    );
  }

  #scan(fresh: boolean): void {
    this.#form?.busy(true);
    const seen = this.#board.scan(fresh).then((found) => {
      return found.length > 0 || fresh ? found : this.#board.scan(true);
    });
    this.#scanning = seen;
    const ended = (end: () => void): void => {
      if (this.#scanning !== seen) return; // it was of another board, or there is a later one
      this.#scanning = null;
      end();
    };
    void seen.then(
      (found) =>
        ended(() => {
          this.#networks = found;
          this.#form?.fill(found);
        }),
      () => ended(() => this.#form?.busy(false)), // the watch says what is the matter
    );
  }

  // `shown`: the board that the form was for; another one may have come while a key was opened.
  #send(wish: Wish, shown: BoardInfo): void {
    if (!this.#journey) this.#travel((journey) => journey.send(wish, shown), null, wish);
  }

  #travel(go: (journey: Journey) => Promise<void>, order: Followed | null, wish: Wish | null): void {
    this.#watch.stop();
    const around = {
      label: this.#label ?? this.#draft.label,
      order,
      show: (draw: () => HTMLElement) => void this.#show(`journey ${Math.random()}`, draw),
      done: () => void (this.#draft = this.#newDraft()),
      spent: () => this.#shut(),
      back: (place: string, kept: boolean) => this.#back(place, kept),
    };
    const journey = new Journey(this.#board, this.#shell, this.#medium, around, wish);
    this.#journey = journey;
    void go(journey);
  }

  // The board does not listen any more, and may be out of reach before it can say so.
  #shut(): void {
    if (this.#info) this.#info = { ...this.#info, state: c.READY, nonce: null, windowS: 0 };
  }

  // To the form, as it was left; after an order that was kept to whatever the board is now.
  #back(place: string, kept: boolean): void {
    this.#look();
    const info = this.#info;
    if (kept || (!info?.nonce && info?.state !== c.READY)) return this.#lose(true);
    this.#meet(info);
    if (place) this.#form?.point("", place);
  }
}
