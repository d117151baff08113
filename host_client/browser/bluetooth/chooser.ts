// The browser's own list of devices, from which somebody chooses the board.
import { SERVICE_UUID } from "../core/contract.ts";
import { LinkError } from "../core/errors.ts";

// Somebody closed the list, or the browser had nothing to show.
export class NothingChosen extends LinkError {}
export class BluetoothOff extends LinkError {}

// Why there can be no list here at all.
export type Obstacle = "apple" | "insecure" | "browser";

export function obstacle(): Obstacle | null {
  if (navigator.bluetooth) return null;
  if (isApple()) return "apple";
  return window.isSecureContext ? "browser" : "insecure";
}

// Every browser there is Safari inside. An iPad says that it is a Macintosh, which has no touch.
function isApple(): boolean {
  const { userAgent, maxTouchPoints } = navigator;
  return /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
}

// To be called from a click. `name`: the only board to be shown; null for every board. Throws
// NothingChosen, BluetoothOff, or LinkError.
export async function chooseBoard(name: string | null): Promise<BluetoothDevice> {
  const services = [SERVICE_UUID];
  try {
    return await navigator.bluetooth.requestDevice({
      filters: [name === null ? { services } : { services, name }],
    });
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    if (!(await navigator.bluetooth.getAvailability())) throw new BluetoothOff(error.message);
    if (error.name === "NotFoundError") throw new NothingChosen(error.message);
    throw new LinkError(`${error.name}: ${error.message}`);
  }
}
