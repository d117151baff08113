// Bluetooth LE, by the browser's Web Bluetooth: host_client/links/ble.py for the pages.
import { FRAME_WINDOW, INFO, MIN_FRAME } from "../core/contract.ts";
import { LinkError } from "../core/errors.ts";
import { concat } from "../core/octets.ts";
import { Connection } from "./gatt.ts";
import type { Link } from "./link.ts";

const CONNECT_MS = 20000;
const ATTEMPTS = 3; // to connect: the first one often fails on Android
// After a link has ended, before the next: asked at once, Chromium has been seen to take the end
// of the one for that of the other.
const REST_MS = 300;
const SILENCE_MS = 15000; // nothing comes from the board
const EXCHANGE_MS = 60000; // the longest order in the smallest frames takes half of it
const SHORT = FRAME_WINDOW * MIN_FRAME; // octets

// A board that somebody has chosen (chooser.ts). The link is made when it is needed, and made
// again after it was lost, without anybody choosing anew.
export class BleLink implements Link {
  readonly #device: BluetoothDevice;
  #connection: Connection | null = null;
  #opening: Promise<Connection> | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #changed = false;
  #onChanged = (): void => {};
  #closed = false;
  #rested: Promise<void> = Promise.resolve();

  constructor(device: BluetoothDevice) {
    this.#device = device;
    device.addEventListener("gattserverdisconnected", () => {
      this.#rested = pause(REST_MS);
      this.#connection?.lost();
    });
  }

  // Exchanges wait for one another: the frames of two would mix.
  exchange(operation: number, argument: Uint8Array = new Uint8Array()): Promise<Uint8Array> {
    const message = concat(Uint8Array.of(operation), argument);
    const turn = this.#turn.then(() => this.#exchange(message));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  changed(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#changed = false;
        this.#onChanged = () => {};
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#onChanged = done;
      if (this.#changed) done();
    });
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  async #exchange(message: Uint8Array): Promise<Uint8Array> {
    this.#closed = false;
    try {
      // Not ended with its time: no browser lets go of an attempt to connect, and a second one
      // beside it would fail. Whoever asks next waits for the same one.
      const connection = await within(CONNECT_MS, this.#connected());
      // An order would take long in the smallest frames; a long reply shows which ones fit.
      if (message.length > SHORT && connection.frameSize === MIN_FRAME) {
        await converse(connection, Uint8Array.of(INFO));
      }
      return await converse(connection, message);
    } catch (error) {
      if (!this.#opening) this.#drop();
      throw asLinkError(error);
    }
  }

  #connected(): Promise<Connection> {
    if (this.#connection?.isUp) return Promise.resolve(this.#connection);
    this.#opening ??= this.#open().finally(() => (this.#opening = null));
    return this.#opening;
  }

  async #open(): Promise<Connection> {
    const server = this.#device.gatt;
    if (!server) throw new LinkError("the browser may not connect to this device");
    for (let attempt = 1; ; attempt++) {
      await this.#rested;
      try {
        await server.connect();
        this.#connection = await Connection.open(
          server,
          (frame) => this.#connection?.take(frame),
          () => this.#onChange(),
        );
        break;
      } catch (error) {
        this.#drop();
        if (attempt === ATTEMPTS || this.#closed) throw error;
      }
    }
    if (this.#closed) {
      this.#drop();
      throw new LinkError("the link was closed");
    }
    return this.#connection;
  }

  // Lets go of the link, if there is one.
  #drop(): void {
    const connection = this.#connection;
    this.#connection = null;
    connection?.lost();
    this.#device.gatt?.disconnect();
  }

  #onChange(): void {
    this.#changed = true;
    this.#onChanged();
  }
}

function pause(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs));
}

function converse(connection: Connection, message: Uint8Array): Promise<Uint8Array> {
  const reply = connection.converse(message);
  return within(EXCHANGE_MS, within(SILENCE_MS, reply, () => connection.heard));
}

// What `work` comes to, unless its time is over before; it begins anew while `progress` grows.
async function within<Result>(
  timeoutMs: number,
  work: Promise<Result>,
  progress = () => 0,
): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const wait = (seen: number): void => {
      timer = setTimeout(() => {
        if (progress() > seen) wait(progress());
        else reject(new LinkError("the board did not answer in time"));
      }, timeoutMs);
    };
    wait(progress());
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

// Whatever the browser throws is a DOMException; anything else is a mistake of ours.
function asLinkError(error: unknown): unknown {
  if (error instanceof DOMException) return new LinkError(`${error.name}: ${error.message}`);
  return error;
}
