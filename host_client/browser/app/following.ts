// How an order ends. The receipt decides, for a status is not authenticated
// (host_client/outcome.py).
import type { Board } from "../board.ts";
import { DONE, FAILED, INTERNAL, OK, TRYING } from "../core/contract.ts";
import { BadReceipt, LinkError, OrderForgotten, Refused } from "../core/errors.ts";
import type { Receipt } from "../core/receipt.ts";
import type { Status } from "../core/reply.ts";
import type { Followed } from "./resume.ts";

// Whether the board proved how it ended: with a receipt checked here, one that was made for
// somebody else to check, none, or one that is not of this order.
export type Proven = "proven" | "unproven" | "missing" | "falsified";

export interface Ending {
  result: number; // a status of the protocol's table
  address: string | null;
  receipt: Receipt | null;
  proven: Proven;
}

const RECEIPT_TRIES = 6; // of fifteen seconds each, for an order that was kept

export interface Events {
  status(status: Status): void;
  lost(lost: boolean): void;
}

// Follow an order to its end. Throws OrderForgotten, LinkError, BadReply; AbortError after the
// signal.
export async function seeThrough(
  board: Board,
  order: Followed,
  events: Events,
  signal: AbortSignal,
): Promise<Ending> {
  // Until a board has taken an order whose id nobody knows, it tells the end of the one before.
  let begun = order.taken || order.orderId !== null;
  const tell = (now: Status): void => {
    begun ||= now.state === TRYING;
    if (begun) events.status(now);
  };
  const status = await board.follow(order, tell, signal, (lost) => events.lost(lost));
  if (!begun && status.step === FAILED) throw new OrderForgotten("of the order before");
  if (status.step !== DONE && status.step !== FAILED) throw new OrderForgotten("nothing is tried");
  return conclude(board, order, status, events);
}

async function conclude(
  board: Board,
  order: Followed,
  status: Status,
  events: Events,
): Promise<Ending> {
  const failed = status.step === FAILED;
  const told = { result: failed ? (status.result ?? INTERNAL) : OK, address: status.address };
  for (let tries = failed ? 1 : RECEIPT_TRIES; tries > 0; tries--) {
    try {
      const receipt = await board.receipt(order.orderId, order.secret);
      events.lost(false);
      const { result, verified } = receipt;
      const address = receipt.address ?? status.address;
      const proven: Proven = verified ? "proven" : "unproven";
      // One that nobody can check here does not turn a failure into a success.
      if (failed && result === OK && !verified) return { ...told, receipt, proven };
      return { result, address, receipt, proven };
    } catch (error) {
      if (error instanceof BadReceipt) return { ...told, receipt: null, proven: "falsified" };
      if (error instanceof Refused) break;
      if (!(error instanceof LinkError)) throw error;
      events.lost(!failed);
    }
  }
  events.lost(false);
  return { ...told, receipt: null, proven: "missing" };
}
