// The page over Web Bluetooth: the label from the address, the board from the browser's list, and
// then the program of both pages.
import { boardName } from "../app/overview.ts";
import { forget, remembered } from "../app/resume.ts";
import { Shell } from "../app/shell.ts";
import { startApp } from "../app/start.ts";
import { button, make } from "../app/dom.ts";
import { NAME_PREFIX } from "../core/contract.ts";
import { BadInput } from "../core/errors.ts";
import type { Label } from "../core/label.ts";
import { speak, wanted } from "../lang/choose.ts";
import { BleLink } from "../links/ble.ts";
import { obstacle } from "./chooser.ts";
import { forgetLabel, holdsLabel, takeLabel } from "./label_in_address.ts";
import { insteadView, startView } from "./start.ts";
import { words } from "./words.ts";

// Of a label's transports.
const BLUETOOTH = "B";
const WIFI = "W";

interface Found {
  label: Label | null;
  isBad: boolean;
}

function findLabel(): Found {
  try {
    return { label: takeLabel(location), isBad: false };
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    return { label: null, isBad: true };
  }
}

function firstView(root: HTMLElement, { label, isBad }: Found): HTMLElement {
  const name = label && boardName(label.deviceId);
  const has = (transport: string): boolean => !label || label.transports.includes(transport);
  const why = has(BLUETOOTH) ? obstacle() : "wifiOnly";
  if (why) return insteadView(why, has(WIFI) ? (name ?? `${NAME_PREFIX}XXXX`) : null);
  return startView({
    name,
    labelIsBad: isBad,
    isUnderWay: remembered()?.ended === false,
    onChosen: (device) => void go(root, device, label),
    onWithout: () => {
      forgetLabel();
      location.reload();
    },
  });
}

async function go(root: HTMLElement, device: BluetoothDevice, label: Label | null): Promise<void> {
  const link = new BleLink(device);
  await startApp({ root, link: async () => link, medium: "ble", label });
  // The board that was chosen may be the wrong one: all but the label begins anew.
  const another = button("another", words().another, () => {
    if (remembered()?.ended) forget();
    location.reload();
  });
  root.append(make("footer", {}, another));
  // The app's own language menu knows nothing of it.
  const name = (): void => void (another.textContent = words().another);
  new MutationObserver(name).observe(document.documentElement, { attributeFilter: ["lang"] });
}

async function begin(root: HTMLElement): Promise<void> {
  const found = findLabel();
  await speak(wanted());
  const draw = (): HTMLElement => firstView(root, found);
  const shell = new Shell(root, () => shell.show(draw(), false));
  shell.show(draw(), false);
}

// Another label, in a page that is open already.
addEventListener("hashchange", () => {
  if (holdsLabel(location)) location.reload();
});

// Without it the page works all the same, while there is a network.
void navigator.serviceWorker?.register("sw.js").catch(() => undefined);

const root = document.getElementById("app");
if (root) void begin(root);
