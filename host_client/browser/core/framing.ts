// Whole messages over a link that carries small frames: transports/framing.py for the pages.
//
// go-back-N with a window of four; frames that are lost, repeated, swapped or from another
// message are never joined. Both classes are free of I/O and of clocks: the owner moves the
// frames, and tells a Sender when an acknowledgement is overdue. Integers are big-endian.
//
//     first  00iiiiii  length:2  count:2  crc32:4  octets ...
//     next   01iiiiii  index:2   octets ...
//     ack    10iiiiii  next wanted index:2, its top bit set after a gap: "again from here"
//     abort  11iiiiii  reason:1
import {
  FRAME_ACK_EVERY,
  FRAME_BROKEN,
  FRAME_RETRIES,
  FRAME_TOO_LONG,
  FRAME_WINDOW,
  MAX_FRAME,
  MIN_FRAME,
} from "./contract.ts";
import { LinkError } from "./errors.ts";
import { concat, equal } from "./octets.ts";

const FIRST = 0x00;
const NEXT = 0x40;
const ACK = 0x80;
const ABORT = 0xc0;
const GAP = 0x8000;
const FIRST_HEADER = 9;
const NEXT_HEADER = 3;

// The peer aborted the message, or never acknowledged it.
export class FramingError extends LinkError {}

// Whether a frame belongs to a message, rather than answering one.
export function isData(frame: Uint8Array): boolean {
  return frame.length > 0 && (frame[0]! & 0x80) === 0;
}

// Cuts one message into frames of at most `frameSize` octets and sees them through.
export class Sender {
  private readonly message: Uint8Array;
  private readonly id: number;
  private readonly size: number;
  private readonly count: number;
  private acked = 0; // frames the peer has
  private sent = 0; // frames sent since the last step back
  private steppedBack = false;
  private retries = 0;

  constructor(message: Uint8Array, messageId: number, frameSize: number) {
    if (message.length < 1 || message.length > 0xffff || frameSize < MIN_FRAME) {
      throw new RangeError("a message has 1 to 65535 octets, a frame at least 20");
    }
    this.message = message;
    this.id = messageId & 0x3f;
    this.size = Math.min(frameSize, MAX_FRAME);
    const rest = message.length - (this.size - FIRST_HEADER);
    this.count = 1 + Math.max(0, Math.ceil(rest / (this.size - NEXT_HEADER)));
  }

  get done(): boolean {
    return this.acked === this.count;
  }

  // [acknowledged frames, all frames]
  get progress(): [number, number] {
    return [this.acked, this.count];
  }

  // The frames that may be sent now, each once.
  nextFrames(): Uint8Array[] {
    const frames: Uint8Array[] = [];
    const limit = Math.min(this.acked + FRAME_WINDOW, this.count);
    while (this.sent < limit) frames.push(this.frame(this.sent++));
    return frames;
  }

  // Takes an ack or abort frame. Throws FramingError when the peer gave up.
  onAnswer(frame: Uint8Array): void {
    if (frame.length < 2 || (frame[0]! & 0x3f) !== this.id) return;
    const kind = frame[0]! & 0xc0;
    if (kind === ABORT) throw new FramingError(`the peer aborted the message, reason ${frame[1]}`);
    if (kind !== ACK || frame.length !== 3) return;
    const wanted = number(frame, 1, 2) & ~GAP;
    if (this.acked < wanted && wanted <= this.sent) {
      this.acked = wanted;
      this.steppedBack = false;
      this.retries = 0;
    }
    if (wanted === this.acked && frame[1]! & 0x80 && !this.steppedBack) {
      // Once: every frame already under way behind the gap asks again.
      this.sent = this.acked;
      this.steppedBack = true;
    }
  }

  // No acknowledgement in FRAME_RETRY_MS. Throws FramingError after FRAME_RETRIES of them.
  onTimeout(): void {
    if (++this.retries > FRAME_RETRIES) throw new FramingError("the peer does not acknowledge");
    this.sent = this.acked;
    this.steppedBack = false;
  }

  private frame(index: number): Uint8Array {
    const message = this.message;
    const start = this.size - FIRST_HEADER;
    if (index === 0) {
      const lengths = [...bigEndian(message.length, 2), ...bigEndian(this.count, 2)];
      const header = Uint8Array.of(FIRST | this.id, ...lengths, ...bigEndian(crc32(message), 4));
      return concat(header, message.subarray(0, start));
    }
    const body = this.size - NEXT_HEADER;
    const from = start + (index - 1) * body;
    const header = Uint8Array.of(NEXT | this.id, ...bigEndian(index, 2));
    return concat(header, message.subarray(from, from + body));
  }
}

// What came of one frame: a whole message, and a frame to send back.
export interface Fed {
  message: Uint8Array | null;
  answer: Uint8Array | null;
}

interface Half {
  id: number;
  header: Uint8Array;
  buffer: Uint8Array;
  count: number;
  wanted: number; // index of the next frame
  filled: number; // octets
}

// Joins the frames of one peer into messages of at most `limit` octets.
export class Receiver {
  private half: Half | null = null;
  private finished: { id: number; count: number; header: Uint8Array } | null = null;

  constructor(readonly limit: number) {}

  // Forgets half a message (the peer went away, or stalled).
  reset(): void {
    this.half = null;
    if (this.finished) this.finished.header = new Uint8Array();
  }

  // True while part of a message is held.
  get busy(): boolean {
    return this.half !== null;
  }

  // Takes one data frame. What is no frame is ignored: whoever sent it misses the acknowledgement.
  feed(frame: Uint8Array): Fed {
    if (frame.length < NEXT_HEADER + 1) return answered(null);
    const id = frame[0]! & 0x3f;
    if ((frame[0]! & 0xc0) === FIRST) return this.first(id, frame);
    const half = this.half;
    if (!half || id !== half.id) return answered(this.acknowledgeFinished(id));
    const index = number(frame, 1, 2);
    if (index !== half.wanted) {
      return answered(ack(id, half.wanted | (index > half.wanted ? GAP : 0)));
    }
    return this.append(half, frame.subarray(NEXT_HEADER));
  }

  private first(id: number, frame: Uint8Array): Fed {
    if (frame.length <= FIRST_HEADER) return answered(null);
    const header = frame.slice(0, FIRST_HEADER);
    if (this.half && equal(header, this.half.header)) return answered(ack(id, this.half.wanted));
    if (!this.half && this.finished && equal(header, this.finished.header)) {
      return answered(this.acknowledgeFinished(id));
    }
    const length = number(header, 1, 2);
    const count = number(header, 3, 2);
    this.half = this.finished = null;
    if (length === 0 || length > this.limit || count === 0 || count >= GAP) {
      return answered(Uint8Array.of(ABORT | id, FRAME_TOO_LONG));
    }
    const buffer = new Uint8Array(length);
    this.half = { id, header, buffer, count, wanted: 0, filled: 0 };
    return this.append(this.half, frame.subarray(FIRST_HEADER));
  }

  private append(half: Half, body: Uint8Array): Fed {
    const { id, header, buffer, count } = half;
    const end = half.filled + body.length;
    const last = half.wanted + 1 === count;
    if (end > buffer.length || last !== (end === buffer.length)) return this.abandon(id);
    buffer.set(body, half.filled);
    half.filled = end;
    half.wanted++;
    if (!last) return answered(half.wanted % FRAME_ACK_EVERY === 0 ? ack(id, half.wanted) : null);
    if (crc32(buffer) !== number(header, 5, 4)) return this.abandon(id);
    this.half = null;
    this.finished = { id, count, header };
    return { message: buffer, answer: ack(id, count) };
  }

  private abandon(id: number): Fed {
    this.half = null;
    return answered(Uint8Array.of(ABORT | id, FRAME_BROKEN));
  }

  // The last acknowledgement may have been lost: it is said again, and nothing is delivered.
  private acknowledgeFinished(id: number): Uint8Array | null {
    return this.finished?.id === id ? ack(id, this.finished.count) : null;
  }
}

function answered(answer: Uint8Array | null): Fed {
  return { message: null, answer };
}

function ack(id: number, wanted: number): Uint8Array {
  return Uint8Array.of(ACK | id, ...bigEndian(wanted, 2));
}

function number(octets: Uint8Array, at: number, length: number): number {
  return octets.subarray(at, at + length).reduce((value, octet) => value * 256 + octet, 0);
}

function bigEndian(value: number, length: number): number[] {
  return Array.from({ length }, (_, i) => (value >>> (8 * (length - 1 - i))) & 0xff);
}

// ITU-T V.42, bit by bit: a message has at most 8,192 octets, and a table would be longer.
function crc32(octets: Uint8Array): number {
  let crc = -1;
  for (const octet of octets) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
