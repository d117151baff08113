// The pages' conversation with a board, over links/http.ts in Node.js or over a script.
import { Board, LIMITS } from "../../host_client/browser/board.ts";
import { LinkError } from "../../host_client/browser/core/errors.ts";
import { fromHex } from "../../host_client/browser/core/octets.ts";
import { sealOrder } from "../../host_client/browser/core/order.ts";
import type { ReceiptSecret } from "../../host_client/browser/core/order.ts";
import { anybody, labelCode } from "../../host_client/browser/core/proof.ts";
import type { Status } from "../../host_client/browser/core/reply.ts";
import { checkBoard } from "../../host_client/browser/core/trust.ts";
import { HttpLink } from "../../host_client/browser/links/http.ts";
import type { Link } from "../../host_client/browser/links/link.ts";
import { plain } from "./plain.ts";

interface Question {
  handle: number;
  url: string;
  limits: Partial<typeof LIMITS>;
  answer_ms: number;
  work_ms: number;
  script: (string | null)[];
  sleeps_ms: number;
  code: string;
  ssid: string;
  key: string;
  data: string;
  order_id: string | null;
  networks: number;
  fresh: boolean;
  operation_number: number;
  argument: string;
}
type Tell = (event: unknown) => void;

const boards: Board[] = [];
const links: HttpLink[] = [];
const secrets = new Map<string, ReceiptSecret>(); // by order id
const endings: AbortController[] = []; // by handle
let slept = 0;
const now = Date.now;
Date.now = () => now() + slept;

function open({ url, limits, answer_ms, work_ms }: Question) {
  const link = new HttpLink(url, answer_ms, work_ms);
  links.push(link);
  endings.push(new AbortController());
  return boards.push(new Board(link, { ...LIMITS, ...limits })) - 1;
}

// Answers what the script says, the last of it for ever; null: the link fails, and the phone has
// slept meanwhile. Never says that something changed.
class ScriptedLink extends HttpLink implements Link {
  constructor(
    readonly script: (string | null)[],
    readonly sleepsMs: number,
  ) {
    super();
  }

  override async exchange(): Promise<Uint8Array> {
    const next = this.script.length > 1 ? this.script.shift()! : this.script[0]!;
    if (next !== null) return fromHex(next);
    slept += this.sleepsMs;
    throw new LinkError("as the script says");
  }

  override changed(): Promise<void> {
    return new Promise(() => {});
  }
}

function scripted({ script, limits, sleeps_ms }: Question) {
  endings.push(new AbortController());
  links.push(new ScriptedLink(script, sleeps_ms));
  return boards.push(new Board(links[links.length - 1]!, { ...LIMITS, ...limits })) - 1;
}

async function exchange({ handle, operation_number, argument }: Question) {
  return plain(await links[handle]!.exchange(operation_number, fromHex(argument)));
}

async function info({ handle }: Question) {
  return plain(await boards[handle]!.info());
}

async function scan({ handle, fresh }: Question) {
  return plain(await boards[handle]!.scan(fresh));
}

async function identify({ handle }: Question) {
  await boards[handle]!.identify();
}

// An order for this board and this window; without a code for one that takes anybody's.
async function seal({ handle, code, ssid, key }: Question) {
  const board = await boards[handle]!.info();
  checkBoard(board);
  const settings = { networks: [{ ssid: fromHex(ssid), key: fromHex(key) }] };
  const fresh = board.nonce ? { nonce: board.nonce } : {};
  const order = sealOrder(settings, board, code ? labelCode(code) : anybody(), fresh);
  const { orderId, data, networks } = order;
  const sealed = plain({ orderId, data, networks }) as { orderId: string };
  secrets.set(sealed.orderId, order.secret);
  return sealed;
}

function idOf({ order_id }: Question) {
  return order_id === null ? null : fromHex(order_id);
}

async function submit(asked: Question, tell: Tell) {
  const { signal } = endings[asked.handle]!;
  const onLost = (lost: boolean) => tell({ lost });
  await boards[asked.handle]!.submit(fromHex(asked.data), idOf(asked), signal, onLost);
}

async function follow(asked: Question, tell: Tell) {
  const { handle, networks } = asked;
  const onStatus = (status: Status) => tell({ status: plain(status) });
  const onLost = (lost: boolean) => tell({ lost });
  const order = { orderId: idOf(asked), networks };
  return plain(await boards[handle]!.follow(order, onStatus, endings[handle]!.signal, onLost));
}

async function receipt(asked: Question) {
  const secret = secrets.get(asked.order_id ?? "");
  return plain(await boards[asked.handle]!.receipt(idOf(asked), secret));
}

function wake({ handle }: Question) {
  boards[handle]!.wake();
}

function abort({ handle }: Question) {
  endings[handle]!.abort();
}

function close({ handle }: Question) {
  links[handle]!.close();
}

export const operations = {
  open, scripted, exchange, info, scan, identify, seal, submit, follow, receipt, wake, abort, close,
};
