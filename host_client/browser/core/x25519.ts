// X25519 (RFC 7748 section 5), built by @noble/curves from the parameters of the curve. Its
// ready-made one brings a second curve along to be quicker with the base point: 6 KB of a page that
// makes one key an order.
import { montgomery } from "@noble/curves/abstract/montgomery.js";

const P = 2n ** 255n - 19n;

export const x25519 = montgomery({ P, type: "x25519", adjustScalarBytes: clamped, powPminus2: inverse });

function clamped(scalar: Uint8Array): Uint8Array {
  scalar[0]! &= 248;
  scalar[31] = (scalar[31]! & 127) | 64;
  return scalar;
}

// x^(P-2): the inverse modulo P, by Fermat.
function inverse(x: bigint): bigint {
  let power = 1n;
  for (const bit of (P - 2n).toString(2)) {
    power = (power * power) % P;
    if (bit === "1") power = (power * x) % P;
  }
  return power;
}
