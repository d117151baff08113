// One order on its way: sealed, handed over, followed to its end.
import type { Board } from "../board.ts";
import { FORBIDDEN, NOT_AUTHENTIC, OK, WINDOW_SHUT, WRONG_PASSWORD } from "../core/contract.ts";
import { BadInput, BadReply, LinkError, OrderForgotten, Refused, UntrustedBoard } from "../core/errors.ts";
import type { Label } from "../core/label.ts";
import { equal } from "../core/octets.ts";
import { sealOrder } from "../core/order.ts";
import type { BoardInfo } from "../core/reply.ts";
import { checkBoard } from "../core/trust.ts";
import { t } from "../lang/choose.ts";
import { button } from "./dom.ts";
import { seeThrough, type Ending } from "./following.ts";
import type { Wish } from "./form.ts";
import { hostnameIn } from "./hosts.ts";
import { boardName } from "./overview.ts";
import type { Medium } from "./program.ts";
import { forget, remember, type Followed } from "./resume.ts";
import { failureView, LOST, nameOf, resultView } from "./result_view.ts";
import type { Shell } from "./shell.ts";
import { shownSsid } from "./ssid.ts";
import { statusText } from "./status_text.ts";
import { StepsView } from "./steps_view.ts";
import { strangeView } from "./waiting_views.ts";

const OPENING_MS = 30_000; // for a board to verify an order, before it knows its id
const LOOK_MS = 1000;
// Where in the form something is to be typed again.
const MENDED_AT: Record<number, string> = {
  [WRONG_PASSWORD]: "password",
  [NOT_AUTHENTIC]: "label-code",
};

interface Circumstances {
  label: Label | null;
  order: Followed | null; // one that was under way before a reload
  show(draw: () => HTMLElement): void;
  // The board has what it was to get: nothing that was typed is needed any more.
  done(): void;
  // The board has refused as many orders as it takes in one window.
  spent(): void;
  // To the form, and there to an element of this id. `kept`: the board has new settings.
  back(place: string, kept: boolean): void;
}

export class Journey {
  readonly #board: Board;
  readonly #shell: Shell;
  readonly #medium: Medium;
  readonly #around: Circumstances;
  readonly #steps: StepsView;
  readonly #ending = new AbortController();
  #order: Followed | null;
  #isLast = false; // whether no attempt is left after this one

  // The wish is not kept: a password is not needed to follow an order.
  constructor(
    board: Board,
    shell: Shell,
    medium: Medium,
    around: Circumstances,
    wish: Wish | null,
  ) {
    this.#board = board;
    this.#shell = shell;
    this.#medium = medium;
    this.#around = around;
    this.#order = around.order;
    const { order } = around;
    const networks = order?.networks ?? (wish && "carried" in wish ? wish.carried.networks : 1);
    this.#steps = new StepsView(order?.name ?? nameIn(wish), networks > 0);
  }

  stop(): void {
    this.#ending.abort();
  }

  // `shown`: the board that the form was filled in for.
  async send(wish: Wish, shown: BoardInfo): Promise<void> {
    this.#around.show(() => this.#steps.draw());
    try {
      await this.#handOver(wish, shown);
      await this.#follow();
    } catch (error) {
      this.#fail(error);
    }
  }

  // Follow an order that was handed over before the page was loaded anew.
  async resume(order: Followed): Promise<void> {
    this.#order = order;
    this.#around.show(() => this.#steps.draw());
    this.#steps.begin("check");
    try {
      await this.#follow();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #handOver(wish: Wish, shown: BoardInfo): Promise<void> {
    const info = await this.#board.info();
    checkBoard(info, this.#around.label);
    const same = info.deviceId === shown.deviceId && equal(info.deviceKey, shown.deviceKey);
    if (!same) throw new UntrustedBoard("another board answers");
    if (!info.nonce) throw new Refused(WINDOW_SHUT);
    const made = "carried" in wish ? wish.carried : sealed(wish, info);
    const { data, orderId, networks } = made;
    this.#isLast = info.attempts <= 1;
    const { deviceId } = info;
    this.#order = {
      orderId,
      deviceId,
      networks,
      secret: "secret" in made ? made.secret : null,
      name: nameIn(wish),
      hostname: hostnameIn(info.hostname),
      owner: "proof" in wish && Boolean(wish.proof.amend),
      sentAt: Date.now(),
      taken: false,
      ended: false,
    };
    this.#keep({}); // before the board has it: a reload may come at any time
    this.#steps.begin("check");
    await this.#board.submit(data, orderId, this.#ending.signal, (lost) => this.lose(lost));
    this.#keep({ taken: true });
  }

  async #follow(): Promise<void> {
    const order = this.#order!;
    let known = false; // a board that knew it and does not any more was restarted
    const events = {
      status: (now: Parameters<StepsView["follow"]>[0]) => {
        if (!known) this.#keep({ taken: true });
        known = true;
        this.#steps.follow(now);
      },
      lost: (lost: boolean) => this.lose(lost),
    };
    for (;;) {
      try {
        const ending = await seeThrough(this.#board, order, events, this.#ending.signal);
        return this.#end(ending, order);
      } catch (error) {
        const young = !known && Date.now() - order.sentAt < OPENING_MS;
        if (!(error instanceof OrderForgotten)) throw error;
        // Every board's page has the same address: it may be the next board's turn.
        if ((await this.#board.info()).deviceId !== order.deviceId) return this.#leave();
        if (!young) throw error;
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    }
  }

  // Say that the board is not there, or that it is again.
  lose(lost: boolean): void {
    if (!this.#order) return; // nothing is sent: what is said already stands
    const { deviceId, hostname } = this.#order;
    const name = boardName(deviceId);
    const there = hostname ? t.moved(name, `http://${hostname}.local/`) : t.gone(name);
    this.#shell.tell(!lost ? "" : this.#medium === "ble" ? t.cut : there);
  }

  #end(ending: Ending, order: Followed): void {
    this.#shell.tell("");
    this.#keep({ ended: true });
    const place = MENDED_AT[ending.result] ?? "";
    const kept = ending.result === OK;
    if (kept && ending.proven !== "falsified") this.#around.done();
    this.#around.show(() => resultView(ending, order, () => this.#leave(place, kept)));
  }

  // For a reload.
  #keep(news: Partial<Followed>): void {
    if (this.#order) remember(Object.assign(this.#order, news));
  }

  #leave(place = "", kept = false): void {
    forget();
    this.#around.back(place, kept);
  }

  #fail(error: unknown): void {
    if (error instanceof DOMException && error.name === "AbortError") return;
    this.#shell.tell("");
    if (error instanceof LinkError) return this.#loseSight(error);
    if (!(error instanceof BadReply)) this.#keep({ ended: true });
    const { show } = this.#around;
    // Whoever looks for the board meets the one that answers now, and says what is to be said.
    if (error instanceof UntrustedBoard) return this.#leave("", true);
    if (error instanceof OrderForgotten) {
      return show(() =>
        failureView("order_forgotten", t.failed, t.forgotten, () => this.#leave()),
      );
    }
    if (error instanceof Refused || error instanceof BadInput) {
      forget(); // the board never had it: there is nothing to follow after a reload
      const status = error instanceof Refused ? error.status : 21;
      if (error instanceof Refused && this.#isLast && spends(status)) this.#around.spent();
      const again = (): void => this.#leave(MENDED_AT[status]);
      return show(() => failureView(nameOf(status), ...statusText(status), again));
    }
    show(strangeView);
    if (!(error instanceof BadReply)) throw error;
  }

  // Nothing comes back. Before anything was sent the form is the place to be; afterwards the order
  // may have arrived, and is looked for as long as somebody wants.
  #loseSight(error: LinkError): void {
    if (error instanceof OrderForgotten || !this.#order) return this.#around.back("", false);
    const look = (): void => void this.resume(this.#order!);
    this.#around.show(() =>
      failureView(
        LOST,
        t.failed,
        t.outOfSight,
        () => this.#leave(),
        "missing",
        button("look", t.lookAgain, look, "main"),
      ),
    );
  }
}

// Whether a refusal costs an attempt: it is about the order, which the board has opened.
function spends(status: number): boolean {
  return status >= NOT_AUTHENTIC && status <= FORBIDDEN;
}

function sealed(wish: Exclude<Wish, { carried: unknown }>, info: BoardInfo) {
  return sealOrder({ networks: [wish.network] }, info, wish.proof, { nonce: info.nonce! });
}

function nameIn(wish: Wish | null): string {
  return wish && "network" in wish ? shownSsid(wish.network.ssid) : "";
}
