// The page's Bluetooth link, on a device that is none and in a time that nobody waits for.
import { PROVISION, RESPONSE_UUID } from "../../host_client/browser/core/contract.ts";
import { Receiver, Sender, isData } from "../../host_client/browser/core/framing.ts";
import { BleLink } from "../../host_client/browser/links/ble.ts";

const REAL = { setTimeout, clearTimeout };

const MAX_MESSAGE = 8192;
const REPLY = new Uint8Array(300);
const CHATTER_MS = 5000;

interface Question {
  messages: number[]; // how many octets each has
  write_ms: number; // that the radio takes for one frame
  frame: number; // octets that the link carries
  board: "answers" | "mute" | "chatters"; // takes nothing; says what belongs to nothing, for ever
}

// In place of setTimeout: the earliest timer is due as soon as nothing else goes on.
class Clock {
  ms = 0;
  #timers = new Map<number, { at: number; act: () => void }>();
  #number = 0;

  set(act: () => void, delayMs = 0): number {
    this.#timers.set(++this.#number, { at: this.ms + delayMs, act });
    return this.#number;
  }

  clear(number: number): void {
    this.#timers.delete(number);
  }

  async runUntil(work: Promise<unknown>): Promise<void> {
    let done = false;
    void work.finally(() => (done = true)).catch(() => undefined);
    for (;;) {
      await new Promise((resolve) => REAL.setTimeout(resolve)); // whatever goes on by itself is done
      if (done) return;
      const [first] = [...this.#timers].sort(([, one], [, other]) => one.at - other.at);
      if (!first) throw new Error("nothing goes on any more");
      this.clear(first[0]);
      this.ms = first[1].at;
      first[1].act();
    }
  }
}

class Characteristic extends EventTarget {
  value: DataView | null = null;
  readonly properties = { writeWithoutResponse: true };

  constructor(readonly writeValueWithoutResponse: (octets: Uint8Array) => Promise<void>) {
    super();
  }

  async startNotifications(): Promise<void> {}

  notify(frame: Uint8Array): void {
    this.value = new DataView(new Uint8Array(frame).buffer);
    this.dispatchEvent(new Event("characteristicvaluechanged"));
  }
}

class Device extends EventTarget {
  readonly written: number[] = []; // how many octets each frame has
  readonly gatt = {
    connected: false,
    connect: async () => void (this.gatt.connected = true),
    disconnect: () => void (this.gatt.connected = false),
    getPrimaryService: async () => ({ getCharacteristic: async (uuid: string) => this.#at(uuid) }),
  };
  readonly #asked: Question;
  readonly #characteristics = new Map<string, Characteristic>();
  readonly #receiver = new Receiver(MAX_MESSAGE);
  #sender: Sender | null = null;
  #replies = 0;

  constructor(asked: Question) {
    super();
    this.#asked = asked;
    if (asked.board === "chatters") this.#chatter();
  }

  #at(uuid: string): Characteristic {
    const one = this.#characteristics.get(uuid) ?? new Characteristic((it) => this.#write(it));
    this.#characteristics.set(uuid, one);
    return one;
  }

  async #write(frame: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => setTimeout(resolve, this.#asked.write_ms));
    this.written.push(frame.length);
    if (this.#asked.board === "mute" || !this.gatt.connected) return;
    if (isData(frame)) this.#take(frame);
    else this.#sender?.onAnswer(frame);
    this.#say(...(this.#sender?.nextFrames() ?? []));
  }

  #take(frame: Uint8Array): void {
    const { message, answer } = this.#receiver.feed(frame);
    if (answer) this.#say(answer);
    if (!message || this.#asked.board === "chatters") return;
    this.#sender = new Sender(REPLY, ++this.#replies, this.#asked.frame);
  }

  #say(...frames: Uint8Array[]): void {
    for (const frame of frames) this.#at(RESPONSE_UUID).notify(frame);
  }

  #chatter(): void {
    setTimeout(() => {
      this.#say(Uint8Array.of(0x80 | 42, 0, 1)); // an acknowledgement of another message
      this.#chatter();
    }, CHATTER_MS);
  }
}

// What each message came to, on one link: how many octets were answered, or the error's class;
// when that was; and how long the frames were that had been written by then.
async function talk(asked: Question) {
  const clock = new Clock();
  const { set, clear } = { set: clock.set.bind(clock), clear: clock.clear.bind(clock) };
  Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
  try {
    const device = new Device(asked);
    const link = new BleLink(device as unknown as BluetoothDevice);
    const told = [];
    for (const length of asked.messages) {
      const outcome = link.exchange(PROVISION, new Uint8Array(length - 1)).then(
        (reply) => reply.length,
        (error) => error.constructor.name,
      );
      await clock.runUntil(outcome);
      const written = device.written.splice(0);
      told.push({ outcome: await outcome, ms: clock.ms, written });
    }
    return told;
  } finally {
    Object.assign(globalThis, REAL);
  }
}

export const operations = { talk };
