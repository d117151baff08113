// The service worker: keeps exactly the files that were built, so that the page works offline.
//
// A new version is fetched whole beside the old one and takes its place once no page of the old
// one is open: a page that came from here never gets files of two versions. The first page, which
// came from the host, gets the rest of its files from here as well. Nothing else is ever kept.

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

// Both by build.mjs: for each file the SHA-256 of its content, as Subresource Integrity has it; and
// the start of one of all these.
declare const DIGESTS: Record<string, string>;
declare const VERSION: string;

const FIRST = "index.html";

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
  // Past the HTTP cache, which may hold files of the version before. A host that has only some of
  // the new files yet, or changes them on the way, is asked again at the next visit.
  const asked = Object.entries(DIGESTS).map(([name, integrity]) => {
    return new Request(addressOf(name), { cache: "reload", integrity });
  });
  await cache.addAll(asked);
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
  const kept = await cache.match(asked === scope + FIRST ? scope : asked);
  return kept ? direct(kept) : fetch(request);
}

// Some hosts send whoever asks for the folder to index.html; and no browser opens a page from a
// kept answer that came from elsewhere.
function direct(kept: Response): Response {
  return kept.redirected ? new Response(kept.body, kept) : kept;
}

// Other hosts send whoever asks for index.html to the folder.
function addressOf(name: string): string {
  return name === FIRST ? scope : scope + name;
}
