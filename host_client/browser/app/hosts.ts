// Where a board says that it is: what of it may become an address to go to.

// A name before ".local"; as a board is called, and nothing that would make another address of it.
const HOSTNAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/i;

// The name, or "" for what is none.
export function hostnameIn(text: string | null): string {
  return text !== null && HOSTNAME.test(text) ? text : "";
}

// Whether it is an IPv4 address, written in the one way that everybody reads alike (010.0.0.1 is
// 8.0.0.1 to a browser).
export function isAddress(text: string): boolean {
  const octets = text.split(".").map(Number);
  const right = octets.every((octet) => octet >= 0 && octet <= 255);
  return right && octets.length === 4 && octets.join(".") === text;
}

// Whether it is one of those that networks at home and at work give out (RFC 1918, RFC 3927,
// RFC 6598), and so leads to nobody far away.
export function isNearby(text: string): boolean {
  const [a, b] = text.split(".").map(Number) as [number, number];
  if (a === 10) return true;
  if (a === 172 || a === 100) return b >> (a === 172 ? 4 : 6) === 1;
  return (a === 192 && b === 168) || (a === 169 && b === 254);
}
