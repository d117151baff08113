// The service worker: keeps exactly the files that were built, so that the page works offline.
//
// A new version is fetched whole beside the old one and takes its place once no page of the old
// one is open: a page never gets files of two versions. Nothing else is ever kept.

interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Event {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Worker {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  addEventListener(type: "install" | "activate", act: (event: Waiting) => void): void;
  addEventListener(type: "fetch", act: (event: Fetching) => void): void;
}

// Both by build.mjs: the files' names, and the start of the SHA-256 of all that is in them.
declare const FILES: readonly string[];
declare const VERSION: string;

const worker = self as unknown as Worker;
const scope = worker.registration.scope;
const OURS = `latchkey ${scope} `; // other pages of this host may keep things of their own
const CACHE = OURS + VERSION;

worker.addEventListener("install", (event) => event.waitUntil(keepAll()));
worker.addEventListener("activate", (event) => event.waitUntil(takeOver()));
worker.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(scope)) event.respondWith(answer(event.request));
});

async function keepAll(): Promise<void> {
  const cache = await caches.open(CACHE);
  // Past the HTTP cache, which may hold files of the version before.
  await cache.addAll(FILES.map((name) => new Request(scope + name, { cache: "reload" })));
}

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(OURS) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const { origin, pathname } = new URL(request.url);
  const asked = origin + pathname;
  const cache = await caches.open(CACHE);
  const kept = await cache.match(asked === scope ? `${scope}index.html` : asked);
  return kept ?? fetch(request);
}
