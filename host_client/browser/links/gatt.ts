// One connection to a board's GATT service: frames to the one characteristic, frames and changes
// from the two others. It ends with the link; ble.ts makes the next.
import {
  FRAME_RETRY_MS,
  MAX_FRAME,
  MAX_MESSAGE,
  MIN_FRAME,
  REQUEST_UUID,
  RESPONSE_UUID,
  SERVICE_UUID,
  STATUS_UUID,
} from "../core/contract.ts";
import { LinkError } from "../core/errors.ts";
import { Receiver, Sender, isData } from "../core/framing.ts";

const MAX_WAITING = 256; // frames not looked at yet; a peer may send without being asked
const VALUE_CHANGED = "characteristicvaluechanged";

export class Connection {
  readonly #server: BluetoothRemoteGATTServer;
  readonly #onChange: () => void;
  #request!: BluetoothRemoteGATTCharacteristic;
  // One for the whole connection: it knows the frames of the reply before, which the board sends
  // again if the last acknowledgement was lost.
  readonly #receiver = new Receiver(MAX_MESSAGE);
  readonly #frames: Uint8Array[] = [];
  #wake = (): void => {};
  #lost = false;
  #messageId = 0;
  // A browser does not tell the ATT_MTU. What fits the smallest one fits every link; and what the
  // board has notified has passed through this link's own, which is the same both ways and which
  // the board knows: so its first reply, made of the largest frames that fit, shows how many
  // octets may be written. Nothing is tried that could fail or be cut.
  #frameSize = MIN_FRAME;
  #heard = 0; // frames

  private constructor(server: BluetoothRemoteGATTServer, onChange: () => void) {
    this.#server = server;
    this.#onChange = onChange;
  }

  // `take` is called with each frame that is notified, for it to be handed to the connection in
  // hand: Chromium has been seen to notify, on a second link, the characteristic object of the
  // first. `onChange` is called at each notification of the status, and when the link is gone.
  // Rejects with what the browser throws. One step after the other: some systems take no two.
  static async open(
    server: BluetoothRemoteGATTServer,
    take: (frame: Uint8Array) => void,
    onChange: () => void,
  ): Promise<Connection> {
    const connection = new Connection(server, onChange);
    const service = await server.getPrimaryService(SERVICE_UUID);
    connection.#request = await service.getCharacteristic(REQUEST_UUID);
    await listen(service, RESPONSE_UUID, take);
    await listen(service, STATUS_UUID, onChange);
    return connection;
  }

  get isUp(): boolean {
    return !this.#lost && this.#server.connected;
  }

  // How many octets a frame may have, as far as the board has shown.
  get frameSize(): number {
    return this.#frameSize;
  }

  // How many frames came from the board.
  get heard(): number {
    return this.#heard;
  }

  // The board, or the browser, let go of the link.
  lost(): void {
    this.#lost = true;
    this.#wake();
    this.#onChange();
  }

  // Sends the frames of one message and takes in those of the reply. Rejects with LinkError, or
  // with what the browser throws; then the link is no longer to be used.
  async converse(message: Uint8Array): Promise<Uint8Array> {
    this.#messageId = (this.#messageId + 1) & 0x3f;
    const sender = new Sender(message, this.#messageId, this.#frameSize);
    for (;;) {
      for (const frame of sender.nextFrames()) await this.#write(frame);
      const frame = await this.#next(sender.done ? null : FRAME_RETRY_MS);
      if (frame === null) {
        sender.onTimeout();
      } else if (isData(frame)) {
        const fed = this.#receiver.feed(frame);
        if (fed.answer) await this.#write(fed.answer);
        if (fed.message) return fed.message;
      } else {
        sender.onAnswer(frame);
      }
    }
  }

  // Without response where the board offers it, as the host does: the frames have
  // acknowledgements of their own, one for two of them, and need no second kind for each.
  async #write(frame: Uint8Array): Promise<void> {
    if (!this.isUp) throw gone();
    const octets = new Uint8Array(frame);
    if (this.#request.properties.writeWithoutResponse) {
      await this.#request.writeValueWithoutResponse(octets);
    } else {
      await this.#request.writeValueWithResponse(octets);
    }
  }

  // The next frame notified, null once `timeoutMs` is over.
  async #next(timeoutMs: number | null): Promise<Uint8Array | null> {
    if (this.#frames.length === 0 && this.isUp) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (timeoutMs !== null) timer = setTimeout(resolve, timeoutMs);
      });
      clearTimeout(timer);
    }
    const frame = this.#frames.shift();
    if (!frame && !this.isUp) throw gone();
    return frame ?? null;
  }

  // A frame was notified.
  take(frame: Uint8Array): void {
    // One that does not fit counts as lost: the board sends it again.
    if (frame.length > MAX_FRAME || this.#frames.length >= MAX_WAITING) return;
    this.#heard++;
    this.#frameSize = Math.max(this.#frameSize, frame.length);
    this.#frames.push(frame);
    this.#wake();
  }
}

async function listen(
  service: BluetoothRemoteGATTService,
  uuid: string,
  take: (value: Uint8Array) => void,
): Promise<void> {
  const characteristic = await service.getCharacteristic(uuid);
  characteristic.addEventListener(VALUE_CHANGED, () => {
    const { value } = characteristic;
    if (value) take(new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice());
  });
  await characteristic.startNotifications();
}

function gone(): LinkError {
  return new LinkError("the board went out of reach");
}
