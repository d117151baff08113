// The link alone, in a page of its own: what a test asks of it through `probe`.
import { chooseBoard } from "../../../host_client/browser/bluetooth/chooser.ts";
import { fromHex, hex } from "../../../host_client/browser/core/octets.ts";
import { BleLink } from "../../../host_client/browser/links/ble.ts";

interface Outcome {
  result?: string;
  error?: string;
}

let link: BleLink | null = null;
let chosen: Promise<Outcome> = Promise.resolve({});

async function outcome(work: () => Promise<string>): Promise<Outcome> {
  try {
    return { result: await work() };
  } catch (error) {
    return { error: (error as Error).constructor.name };
  }
}

document.getElementById("choose")!.addEventListener("click", () => {
  const name = (document.getElementById("name") as HTMLInputElement).value || null;
  chosen = outcome(async () => {
    const device = await chooseBoard(name);
    link = new BleLink(device);
    return device.name ?? "";
  });
});

Object.assign(globalThis, {
  probe: {
    chosen: () => chosen,
    exchange: (operation: number, argument: string) =>
      outcome(async () => hex(await link!.exchange(operation, fromHex(argument)))),
    changed: (timeoutMs: number) => link!.changed(timeoutMs),
    close: () => link!.close(),
  },
});
