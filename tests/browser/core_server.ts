// Operations of the pages' core, for test_core_*.py; octets are hexadecimal text.
import { decode, encode } from "../../host_client/browser/core/cbor.ts";
import { readOrders, writeReceipts } from "../../host_client/browser/core/bundle.ts";
import { open } from "../../host_client/browser/core/hpke.ts";
import * as labels from "../../host_client/browser/core/label.ts";
import { fromHex, hex } from "../../host_client/browser/core/octets.ts";
import { sealOrder } from "../../host_client/browser/core/order.ts";
import type { ReceiptSecret } from "../../host_client/browser/core/order.ts";
import * as owners from "../../host_client/browser/core/owner.ts";
import { firstUse, signedBy } from "../../host_client/browser/core/owner_proof.ts";
import * as proofs from "../../host_client/browser/core/proof.ts";
import { readReceipt } from "../../host_client/browser/core/receipt.ts";
import type { Settings } from "../../host_client/browser/core/settings.ts";
import { x25519 } from "../../host_client/browser/core/x25519.ts";
import { fromJson, toJson } from "./cbor_json.ts";
import type { Json } from "./cbor_json.ts";
import { openOrder, suiteOf } from "./opening.ts";

// Names whose text stays text in what is given as settings; of all others it is octets.
const TEXTS = ["name", "hostname", "country", "timezone"];

const optional = (text?: string | null) => (text == null ? undefined : fromHex(text));

interface Proving {
  form: "anybody" | "label" | "first-use" | "owner";
  code: string;
  owner: string;
}

function proofOf({ form, code, owner }: Proving): proofs.Proof {
  if (form === "label") return proofs.labelCode(code);
  if (form === "first-use") return firstUse(owners.ownerKeyOf(fromHex(owner)));
  return form === "owner" ? signedBy(owners.ownerKeyOf(fromHex(owner))) : proofs.anybody();
}

// Settings as the core has them, but octets in hexadecimal.
function settingsOf(given: unknown): Settings {
  return JSON.parse(JSON.stringify(given), (name, value: unknown) =>
    typeof value === "string" && !TEXTS.includes(name) ? fromHex(value) : value,
  ) as Settings;
}

interface SealQuestion {
  settings: unknown;
  device_id: string;
  device_key: string;
  proof: Proving;
  suite: number;
  nonce?: string;
  sequence?: number;
  issued?: number;
  order_id?: string;
}

function seal(asked: SealQuestion) {
  const { device_id: deviceId, sequence, issued } = asked;
  const [nonce, orderId] = [optional(asked.nonce), optional(asked.order_id)];
  const choices = {
    suite: suiteOf(asked.suite),
    ...(nonce && { nonce }),
    ...(orderId && { orderId }),
    ...(sequence !== undefined && { sequence }),
    ...(issued !== undefined && { issued }),
  };
  const target = { deviceId, deviceKey: fromHex(asked.device_key) };
  const sealed = sealOrder(settingsOf(asked.settings), target, proofOf(asked.proof), choices);
  const { receiptKey, digest } = sealed.secret;
  return {
    order: hex(sealed.data),
    order_id: hex(sealed.orderId),
    device_id: sealed.deviceId,
    networks: sealed.networks,
    receipt_key: hex(receiptKey),
    digest: hex(digest),
  };
}

interface OpenQuestion {
  order: string;
  device_private: string;
  authority?: string | null;
  psk?: string | null;
  unsigned?: boolean;
  installers?: boolean;
}

function open_order(asked: OpenQuestion) {
  const [authority, psk] = [optional(asked.authority), optional(asked.psk)];
  const opened = openOrder(fromHex(asked.order), {
    secret: fromHex(asked.device_private),
    unsigned: asked.unsigned ?? false,
    installers: asked.installers ?? false,
    ...(authority && { authority }),
    ...(psk && { psk }),
  });
  return { payload: hex(opened.payload), claims: toJson(opened.claims) };
}

interface HpkeQuestion {
  suite: number;
  psk: string | null;
  exports: [string, number][];
  [octets: string]: unknown;
}

function hpke_open(asked: HpkeQuestion) {
  const given = (name: string) => fromHex(asked[name] as string);
  const opened = open({
    suite: suiteOf(asked.suite),
    secret: given("secret"),
    enc: given("enc"),
    ciphertext: given("ciphertext"),
    aad: given("aad"),
    info: given("info"),
    ...(asked.psk !== null && { psk: fromHex(asked.psk), pskId: given("psk_id") }),
  });
  return {
    plaintext: hex(opened.plaintext),
    exports: asked.exports.map(([context, length]) =>
      hex(opened.exportSecret(fromHex(context), length)),
    ),
  };
}

interface ReceiptQuestion {
  data: string;
  secret: null | { order_id: string; device_id: string; receipt_key: string; digest: string };
}

function receipt({ data, secret }: ReceiptQuestion) {
  const kept: ReceiptSecret | null = secret && {
    orderId: fromHex(secret.order_id),
    deviceId: secret.device_id,
    receiptKey: fromHex(secret.receipt_key),
    digest: fromHex(secret.digest),
  };
  const read = kept ? readReceipt(fromHex(data), kept) : readReceipt(fromHex(data));
  return { ...read, orderId: hex(read.orderId), data: hex(read.data) };
}

function read_orders({ octets, text }: { octets?: string; text?: string }) {
  return readOrders(octets === undefined ? text! : fromHex(octets)).map((order) => ({
    ...order,
    orderId: order.orderId && hex(order.orderId),
    data: hex(order.data),
  }));
}

interface CarriedQuestion {
  receipts: { order_id: string; device_id: string; data: string }[];
}

function write_receipts({ receipts }: CarriedQuestion) {
  const carried = receipts.map(({ order_id, device_id, data }) => {
    return { orderId: fromHex(order_id), deviceId: device_id, data: fromHex(data) };
  });
  return hex(writeReceipts(carried));
}

export const operations = {
  cbor_decode: ({ octets, tags }: { octets: string; tags?: number[] }) =>
    toJson(decode(fromHex(octets), tags)),
  cbor_encode: ({ value }: { value: Json }) => hex(encode(fromJson(value))),
  x25519: ({ scalar, point }: { scalar: string; point: string }) =>
    hex(x25519.getSharedSecret(fromHex(scalar), fromHex(point))),
  x25519_public: ({ scalar }: { scalar: string }) => hex(x25519.getPublicKey(fromHex(scalar))),
  seal,
  open_order,
  hpke_open,
  receipt,
  read_orders,
  write_receipts,
  read_label: ({ text }: { text: string }) => labels.readLabel(text),
  parse_label: ({ text }: { text: string }) => labels.parseLabel(text),
  check_code: ({ text }: { text: string }) => labels.checkCode(text),
  label_key: ({ code, device_id }: { code: string; device_id: string }) =>
    hex(labels.labelKey(code, device_id)),
  label_matches: ({ text, device_key }: { text: string; device_key: string }) =>
    labels.labelMatches(labels.parseLabel(text), fromHex(device_key)),
  make_owner: () => hex(owners.makeOwnerKey().secret),
  sign: ({ secret, message }: { secret: string; message: string }) => {
    const owner = owners.ownerKeyOf(fromHex(secret));
    return { public: hex(owner.publicKey), signature: hex(owners.sign(owner, fromHex(message))) };
  },
  cose_key: ({ secret }: { secret: string }) =>
    hex(owners.coseKey(owners.ownerKeyOf(fromHex(secret)))),
  to_pem: ({ secret, passphrase }: { secret: string; passphrase: string }) =>
    owners.toPem(owners.ownerKeyOf(fromHex(secret)), passphrase),
  from_pem: async ({ pem, passphrase }: { pem: string; passphrase: string }) =>
    hex((await owners.fromPem(pem, passphrase)).secret),
};
