// What a page needs of a way to the board. One file a way: http.ts, ble.ts.

export interface Link {
  // One request, one reply, as whole messages (transports/PROTOCOL.md). Throws LinkError: the
  // request may or may not have arrived. Every wait has a deadline of the link's own.
  exchange(operation: number, argument?: Uint8Array): Promise<Uint8Array>;

  // Resolves when the board says that something changed, or after `timeoutMs`.
  changed(timeoutMs: number): Promise<void>;

  // Afterwards exchange() connects again.
  close(): void;
}
