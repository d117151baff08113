// A conversation with one board over one link: questions, orders, receipts
// (host_client/board_client.py and conversation.py). No document, no storage: pages have those.
//
// Every request may be sent again: reading changes nothing, and the board knows an order by its
// octets. So a link that fails is tried again.
import * as c from "./core/contract.ts";
import { BadReceipt, BadReply, LinkError, OrderForgotten, Refused } from "./core/errors.ts";
import { equal } from "./core/octets.ts";
import type { ReceiptSecret } from "./core/order.ts";
import { readReceipt } from "./core/receipt.ts";
import type { Receipt } from "./core/receipt.ts";
import { Reply, boardInfo, boardStatus, receiptOctets, seenNetworks } from "./core/reply.ts";
import type { BoardInfo, SeenNetwork, Status } from "./core/reply.ts";
import type { Link } from "./links/link.ts";
import { Patience, unlessAborted } from "./patience.ts";
import type { OnLost } from "./patience.ts";

// In milliseconds.
export const LIMITS = {
  question: 45000, // its retries included
  submit: 90000, // so that somebody can put the phone on the board's Wi-Fi again
  try: 90000, // for each network of an order: the board's 60 s, and the way there and back
  receipt: 15000, // once the trial is over
};
const ATTEMPTS = 3; // at a question
const BUSY_MS = 1000; // between two tries at a board that is busy, perhaps with this very order
const CHANGE_MS = 5000; // without a change; then the status is asked for anyway
const MAX_PAGES = 64; // of a scan: a false board could go on for ever

export class Board {
  private readonly link: Link;
  private readonly limits: typeof LIMITS;
  private readonly pauses = new Set<() => void>();
  private change: Promise<void> | null = null;

  constructor(link: Link, limits = LIMITS) {
    this.link = link;
    this.limits = limits;
  }

  // Ends every pause at once: the page can be seen again.
  wake(): void {
    for (const goOn of this.pauses) goOn();
  }

  // Throws LinkError, BadReply, Refused, as all that asks a board does.
  async info(): Promise<BoardInfo> {
    return boardInfo(await this.question(c.INFO));
  }

  // The networks that the board sees, strongest first. `fresh`: it looks again before.
  async scan(fresh = false): Promise<SeenNetwork[]> {
    const networks: SeenNetwork[] = [];
    for (let page = 0, pages = 1; page < pages; page++) {
      const first = fresh && page === 0 ? c.SCAN_FRESH : 0;
      const part = seenNetworks(await this.question(c.SCAN, Uint8Array.of(page | first)));
      networks.push(...part.networks);
      pages = part.pages;
      if (pages > MAX_PAGES) throw new BadReply("a scan of too many pages");
    }
    return networks.sort((one, other) => other.rssi - one.rssi);
  }

  // Lets the board blink.
  async identify(): Promise<void> {
    await this.question(c.IDENTIFY);
  }

  // Hands an order over: the same octets until the board has taken them. `orderId`, if it is
  // known, tells a refusal of the order from one of its second copy.
  async submit(
    data: Uint8Array,
    orderId: Uint8Array | null = null,
    signal?: AbortSignal,
    onLost?: OnLost,
  ): Promise<void> {
    const patience = new Patience(this.limits.submit, Infinity, signal, onLost);
    let doubtful = false; // whether there was an attempt whose answer did not come
    const handOver = (): Promise<unknown> =>
      this.exchange(c.PROVISION, data).catch((error) => {
        doubtful ||= error instanceof LinkError;
        throw error;
      });
    for (;;) {
      try {
        await patience.ask(handOver, this.pause);
        return;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (doubtful && orderId && (await this.knows(orderId, patience))) return;
        if (error.status !== c.BUSY || patience.isOver) throw error;
        await unlessAborted(() => this.pause(BUSY_MS), signal);
      }
    }
  }

  private async knows(orderId: Uint8Array, patience: Patience): Promise<boolean> {
    return isOf(await patience.ask(() => this.status(orderId), this.pause), orderId);
  }

  // Tells each change of an order's status until it is done or has failed, and returns the last
  // one; without an id (the order was made elsewhere) it follows what the board is trying. A lost
  // link is ridden out. Throws OrderForgotten.
  async follow(
    { orderId, networks }: { orderId: Uint8Array | null; networks: number },
    onStatus: (status: Status) => void,
    signal?: AbortSignal,
    onLost?: OnLost,
  ): Promise<Status> {
    const limitMs = this.limits.try * Math.max(1, networks);
    const patience = new Patience(limitMs, Infinity, signal, onLost);
    for (let told = ""; ; ) {
      const status = await patience.ask(() => this.status(orderId), this.pause);
      if (orderId && !isOf(status, orderId)) throw new OrderForgotten("the order is not known");
      const tells = JSON.stringify(status);
      if (tells !== told) onStatus(status);
      told = tells;
      const { state, step } = status;
      if (step === c.DONE || step === c.FAILED || (!orderId && state !== c.TRYING)) return status;
      if (patience.isOver) throw new LinkError("not finished in time");
      await unlessAborted(() => this.pause(CHANGE_MS, this.changed()), signal);
    }
  }

  // The receipt of an order, or of the last one; checked where its secret is given. Throws
  // BadReceipt; Refused where there is none.
  async receipt(orderId: Uint8Array | null, secret?: ReceiptSecret | null): Promise<Receipt> {
    const reply = await new Patience(this.limits.receipt).ask(
      () => this.exchange(c.RECEIPT, orderId ?? undefined),
      this.pause,
    );
    const receipt = readReceipt(receiptOctets(reply), secret ?? undefined);
    if (orderId && !equal(receipt.orderId, orderId)) throw new BadReceipt("of another order");
    return receipt;
  }

  private question(operation: number, argument?: Uint8Array): Promise<Reply> {
    return new Patience(this.limits.question, ATTEMPTS).ask(
      () => this.exchange(operation, argument),
      this.pause,
    );
  }

  private async exchange(operation: number, argument?: Uint8Array): Promise<Reply> {
    const reply = new Reply(await this.link.exchange(operation, argument));
    if (reply.status === c.TOO_SLOW) throw new LinkError("the request took too long to arrive");
    return reply.good();
  }

  // A board refuses nobody its status: what it may say instead (no memory) passes.
  private async status(orderId: Uint8Array | null): Promise<Status> {
    try {
      return boardStatus(await this.exchange(c.STATUS, orderId ?? undefined));
    } catch (error) {
      throw error instanceof Refused ? new LinkError(error.message) : error;
    }
  }

  // One at a time, whoever waits for it: an older one must not end with the next one's change.
  private changed(): Promise<void> {
    this.change ??= this.link.changed(CHANGE_MS).finally(() => (this.change = null));
    return this.change;
  }

  // Ends after so many milliseconds, with `sooner`, or with wake().
  private readonly pause = (timeMs: number, sooner?: Promise<void>): Promise<void> =>
    new Promise((resolve) => {
      const goOn = (): void => {
        clearTimeout(timer);
        this.pauses.delete(goOn);
        resolve();
      };
      const timer = setTimeout(goOn, timeMs);
      this.pauses.add(goOn);
      void sooner?.then(goOn);
    });
}

function isOf(status: Status, orderId: Uint8Array): boolean {
  return status.orderId !== null && equal(status.orderId, orderId);
}
