// The owner key in this browser: encrypted, one for each board. Every board's page has the same
// address, and so the same storage: nothing lies here that the passphrase does not guard.

const STORED = "latchkey.owner.";

export function keepKey(deviceId: string, pem: string): void {
  try {
    localStorage.setItem(STORED + deviceId, pem);
  } catch {
    // No storage here, or none left: there is the file.
  }
}

export function keptKey(deviceId: string): string | null {
  try {
    return localStorage.getItem(STORED + deviceId);
  } catch {
    return null;
  }
}
