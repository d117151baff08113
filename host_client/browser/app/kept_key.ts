// The owner key in this browser: encrypted, one for each board. Every board's page has the same
// address, and so the same storage: nothing lies here that the passphrase does not guard.

const STORED = "latchkey.owner.";
// Anybody who answers at this address may have put something there, and a key that lies there in
// the clear is somebody else's.
const ENCRYPTED = /^-----BEGIN (ENCRYPTED PRIVATE KEY)-----[^-]+-----END \1-----\s*$/;

export function keepKey(deviceId: string, pem: string): void {
  try {
    localStorage.setItem(STORED + deviceId, pem);
  } catch {
    // No storage here, or none left: there is the file.
  }
}

export function keptKey(deviceId: string): string | null {
  try {
    const pem = localStorage.getItem(STORED + deviceId);
    return pem !== null && ENCRYPTED.test(pem) ? pem : null;
  } catch {
    return null;
  }
}
