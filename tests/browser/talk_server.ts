// The pages' framing, replies and trust, for test_framing.py and test_reply.py.
import { isData, Receiver, Sender } from "../../host_client/browser/core/framing.ts";
import { parseLabel } from "../../host_client/browser/core/label.ts";
import { fromHex, hex } from "../../host_client/browser/core/octets.ts";
import {
  boardInfo,
  boardStatus,
  receiptOctets,
  Reply,
  seenNetworks,
} from "../../host_client/browser/core/reply.ts";
import { checkBoard } from "../../host_client/browser/core/trust.ts";
import { plain } from "./plain.ts";

interface FramingQuestion {
  handle: number;
  do: string;
  frame: string; // hexadecimal, as all octets here
  message: string;
  message_id: number;
  frame_size: number;
  limit: number;
}

const senders: Sender[] = [];
const receivers: Receiver[] = [];

function hexOrNull(octets: Uint8Array | null): string | null {
  return octets && hex(octets);
}

function sender(asked: FramingQuestion) {
  if (asked.do === "make") {
    return senders.push(new Sender(fromHex(asked.message), asked.message_id, asked.frame_size)) - 1;
  }
  const one = senders[asked.handle]!;
  let frames: string[] = [];
  if (asked.do === "frames") frames = one.nextFrames().map(hex);
  else if (asked.do === "answer") one.onAnswer(fromHex(asked.frame));
  else if (asked.do === "timeout") one.onTimeout();
  return { frames, done: one.done, progress: one.progress };
}

function receiver(asked: FramingQuestion) {
  if (asked.do === "make") return receivers.push(new Receiver(asked.limit)) - 1;
  const one = receivers[asked.handle]!;
  if (asked.do === "reset") {
    one.reset();
    return { message: null, answer: null, busy: one.busy };
  }
  const { message, answer } = one.feed(fromHex(asked.frame));
  return { message: hexOrNull(message), answer: hexOrNull(answer), busy: one.busy };
}

function is_data(asked: FramingQuestion) {
  return isData(fromHex(asked.frame));
}

interface ReplyQuestion {
  data: string;
  kind: keyof typeof READERS;
}

const READERS = {
  status: boardStatus,
  info: boardInfo,
  networks: seenNetworks,
  receipt: receiptOctets,
  good: (reply: Reply) => reply.good().status,
};

function reply(asked: ReplyQuestion) {
  return plain(READERS[asked.kind](new Reply(fromHex(asked.data))));
}

function trust(asked: { device_id: string; device_key: string; label: string | null }) {
  const board = { deviceId: asked.device_id, deviceKey: fromHex(asked.device_key) };
  checkBoard(board, asked.label === null ? null : parseLabel(asked.label));
}

export const operations = { sender, receiver, is_data, reply, trust };
