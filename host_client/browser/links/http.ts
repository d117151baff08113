// HTTP to the board's access point: host_client/links/http.py for the pages.
import {
  CBOR_TYPE,
  MAX_MESSAGE,
  ORDER_TYPE,
  PROVISION,
  RECEIPT,
  REST_ROUTES,
  SCAN,
  SCAN_FRESH,
  STATUS,
} from "../core/contract.ts";
import { LinkError } from "../core/errors.ts";
import { concat, hex } from "../core/octets.ts";
import type { Link } from "./link.ts";

const POLL_MS = 500; // between two questions for the status
const ANSWER_MS = 6000; // for a question that is answered at once: a board is a hop away
const WORK_MS = 20000; // for a scan, which takes it 3 s, and for the opening of an order

// One request a connection, which the board closes. `base`: where the board is, for pages that
// do not come from it; limits in milliseconds.
export class HttpLink implements Link {
  private closing = new AbortController();

  constructor(
    readonly base = "",
    readonly answerMs = ANSWER_MS,
    readonly workMs = WORK_MS,
  ) {}

  async exchange(operation: number, argument: Uint8Array = new Uint8Array()): Promise<Uint8Array> {
    const [method, path] = REST_ROUTES[`${operation}` as keyof typeof REST_ROUTES];
    const isOrder = operation === PROVISION;
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const timer = setTimeout(end, isOrder || operation === SCAN ? this.workMs : this.answerMs);
    const closing = this.closing.signal;
    closing.addEventListener("abort", end);
    try {
      const response = await fetch(this.base + path + query(operation, argument), {
        method,
        headers: { Accept: CBOR_TYPE, ...(isOrder && { "Content-Type": ORDER_TYPE }) },
        body: isOrder ? new Uint8Array(argument) : null,
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        signal: ending.signal,
      });
      return await replyOf(response);
    } catch (error) {
      if (error instanceof LinkError) throw error;
      throw new LinkError(ending.signal.aborted ? "no answer in time" : `${error}`);
    } finally {
      clearTimeout(timer);
      closing.removeEventListener("abort", end);
      end(); // of what is left unread
    }
  }

  // A board says nothing by itself here: it is asked again.
  changed(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, Math.min(timeoutMs, POLL_MS)));
  }

  close(): void {
    this.closing.abort();
    this.closing = new AbortController();
  }
}

function query(operation: number, argument: Uint8Array): string {
  if (argument.length === 0) return "";
  if (operation === STATUS || operation === RECEIPT) return `?order=${hex(argument)}`;
  if (operation !== SCAN) return "";
  const page = argument[0]!;
  return `?page=${page & ~SCAN_FRESH}${page & SCAN_FRESH ? "&fresh=1" : ""}`;
}

// The body of a reply of whatever HTTP status: it holds the protocol's own.
async function replyOf(response: Response): Promise<Uint8Array> {
  const type = response.headers.get("content-type")?.split(";")[0]!.trim().toLowerCase();
  if (type !== CBOR_TYPE) throw new LinkError("what answers here is no board");
  // No length that somebody else claims is believed.
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  for (let length = 0; reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > MAX_MESSAGE) throw new LinkError("the answer is longer than the protocol allows");
    parts.push(value);
  }
  return concat(...parts);
}
