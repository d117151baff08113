// What can go wrong, one class a kind; pages turn them into words of the reader's language.

export class ProvisioningError extends Error {}

// The board cannot be reached, or the link broke: trying again may help.
export class LinkError extends ProvisioningError {}

// The board answered with a status of the protocol's table (contract.ts) that is not ok.
export class Refused extends ProvisioningError {
  constructor(readonly status: number) {
    super(`the board refused: status ${status}`);
  }
}

// What came is not of this protocol.
export class BadReply extends ProvisioningError {}

// The board does not know the order that is followed: it was restarted before keeping it.
export class OrderForgotten extends ProvisioningError {}

// The receipt is not the board's answer to this order.
export class BadReceipt extends ProvisioningError {}

// The board's key, id or label do not belong together.
export class UntrustedBoard extends ProvisioningError {}

// Why something that a person typed or chose cannot be used: names of the languages' texts.
export type Reason =
  | "ssid-hex"
  | "ssid-length"
  | "password-length"
  | "password-control"
  | "static-prefix"
  | "static-address"
  | "static-gateway"
  | "networks-number"
  | "settings-empty"
  | "device-name"
  | "device-hostname"
  | "device-country"
  | "device-timezone"
  | "label-text"
  | "label-character"
  | "label-length"
  | "label-check"
  | "owner-passphrase"
  | "owner-passphrase-length"
  | "owner-file"
  | "owner-kind"
  | "orders-file"
  | "orders-size"
  | "order-length"
  | "board-key";

// What a person typed or chose cannot be used; `reason` names a text of the languages.
export class BadInput extends ProvisioningError {
  constructor(readonly reason: Reason) {
    super(reason);
  }
}
