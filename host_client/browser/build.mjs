// Builds both pages: `npm run build`, or `node build.mjs --out FOLDER` to build elsewhere.
//
//   firmware/page/             what a board serves on its access point, gzipped
//   host_client/browser/site/  the Web Bluetooth page, a folder of static files for any HTTPS host
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const project = join(here, "..", "..");

const OPTIONS = {
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2020", // BigInt, which the curves need, came with it
  // As old as what else the pages need (Safari 15); spelled out otherwise they take 2 KB.
  supported: { "class-field": true, "class-private-field": true, "class-private-method": true,
    "class-private-accessor": true, "class-static-field": true,
    "class-private-static-field": true },
  charset: "utf8",
  legalComments: "eof", // who wrote the libraries inside; their licences: LICENSES.txt
  logLevel: "warning",
  absWorkingDir: here,
  write: false,
};

async function bundled(options) {
  const result = await build({ ...OPTIONS, ...options });
  return result.outputFiles.map((file) => ({ name: basename(file.path), octets: file.contents }));
}

// A page's program under that name. What only some people need is a file of its own, fetched when
// it is wanted: the scanner of labels, the cryptography of owners' keys, each language but English.
async function program(entry) {
  const later = { scan: "app/scan.ts", owner_key: "app/owner_key.ts" };
  for (const tongue of ["de", "es", "fr", "zh"]) later[tongue] = `lang/${tongue}.ts`;
  return await bundled({
    entryPoints: { ...entry, ...later },
    outdir: "out",
    external: Object.keys(later).map((name) => `./${name}.js`),
  });
}

async function boardPage() {
  const scripts = await program({ page: "page/main.ts" });
  const [style] = await bundled({ entryPoints: { style: "page/style.css" }, outdir: "out" });
  const html = await readFile(join(here, "page/index.html"), "utf8");
  const page = html.replace(/\s*\n\s*/g, "\n");
  return [{ name: "index.html", octets: Buffer.from(page) }, style, ...scripts].map((file) => ({
    name: `${file.name}.gz`,
    octets: gzipped(file.octets),
  }));
}

async function site() {
  const [style] = await bundled({ entryPoints: { style: "bluetooth/style.css" }, outdir: "out" });
  const icons = await readdir(join(here, "bluetooth/icons"));
  const asTheyAre = ["index.html", "manifest.webmanifest", ...icons.map((name) => `icons/${name}`)];
  const files = [...(await program({ app: "bluetooth/main.ts" })), style];
  for (const path of asTheyAre) {
    files.push({ name: basename(path), octets: await readFile(join(here, "bluetooth", path)) });
  }
  files.push({ name: "LICENSES.txt", octets: Buffer.from(await licences()) });
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...files, await serviceWorker(files)];
}

// It keeps these files, and is another one as soon as one of them is another.
async function serviceWorker(files) {
  const digests = Object.fromEntries(
    files.map(({ name, octets }) => [name, `sha256-${sha256(octets).toString("base64")}`]),
  );
  const listed = JSON.stringify(digests);
  const define = {
    DIGESTS: listed,
    VERSION: JSON.stringify(sha256(listed).toString("hex").slice(0, 16)),
  };
  const entryPoints = { sw: "bluetooth/sw.ts" };
  const [worker] = await bundled({ entryPoints, outdir: "out", format: "iife", define });
  return worker;
}

function sha256(octets) {
  return createHash("sha256").update(octets).digest();
}

// The licences of the libraries that are bundled, which copies of them have to come with.
async function licences() {
  const { dependencies } = JSON.parse(await readFile(join(here, "package.json"), "utf8"));
  const texts = Object.entries(dependencies).map(async ([name, version]) => {
    const text = await readFile(join(here, "node_modules", name, "LICENSE"), "utf8");
    return `${name} ${version}\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(72)}\n\n`);
}

// The same octets wherever it is built: the tenth octet of a gzip header names the system.
function gzipped(octets) {
  const packed = gzipSync(octets, { level: 9 });
  packed[9] = 255;
  return packed;
}

async function put(folder, files) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const { name, octets } of files) {
    await writeFile(join(folder, name), octets);
    console.log(`${String(octets.length).padStart(7)}  ${name}`);
  }
}

const out = process.argv[2] === "--out" ? process.argv[3] : project;
await put(join(out, "firmware/page"), await boardPage());
await put(join(out, "host_client/browser/site"), await site());
await writeFile(join(out, "host_client/browser/LICENSES.txt"), await licences());
