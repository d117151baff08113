// Runs device tests of the cryptography on MicroPython's WebAssembly build: 32-bit words, no
// machine code, no AES.
//
//   node crypto_on_wasm.mjs PACKAGE_FOLDER PROJECT_ROOT VECTORS_FOLDER MODULE...
//
// Prints what the tests print, "pass NAME" or "FAIL NAME" for each, and "done" at the end.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [packageFolder, root, vectors, ...modules] = process.argv.slice(2);
const entry = pathToFileURL(path.join(packageFolder, "micropython.mjs")).href;
const { loadMicroPython } = await import(entry);
const micropython = await loadMicroPython({ heapsize: 8 << 20, linebuffer: true, stdout: console.log });
const files = micropython.FS;

function makeFolder(folder) {
  let made = "";
  for (const part of folder.split("/").filter(Boolean)) {
    made += "/" + part;
    if (!files.analyzePath(made).exists) files.mkdir(made);
  }
}

function copy(source, target, wanted) {
  makeFolder(target);
  for (const name of fs.readdirSync(source)) {
    const from = path.join(source, name);
    if (fs.statSync(from).isDirectory()) continue;
    if (wanted.test(name)) files.writeFile(target + "/" + name, fs.readFileSync(from));
  }
}

copy(path.join(root, "firmware/crypto"), "/root/firmware/crypto", /\.py$/);
copy(path.join(root, "tests/device"), "/root/tests/device", /^(?!conftest).*\.py$/);
copy(path.join(root, "tests/vectors"), "/root/tests/vectors", /\.(json|bin)$/);
for (const folder of ["wycheproof", "rfc-primitives", "hpke-rfc9180", "lms-hss", "cose-examples/hashsig"])
  if (fs.existsSync(path.join(vectors, folder)))
    copy(path.join(vectors, folder), "/vectors/" + folder, /\.(json|txt)$/);

micropython.runPython(`
import sys
sys.path[:] = ["/root"]
from tests.device import device_vectors
device_vectors.project_root = lambda: "/root"
device_vectors.public_path = lambda name: "/vectors/" + name
print("small integers below", hex(sys.maxsize))

def run(module):
    tests = __import__("tests.device." + module, None, None, ("*",))
    for name in dir(tests):
        if name.startswith("test_"):
            try:
                getattr(tests, name)()
                print("pass", name)
            except Exception as error:
                print("FAIL", name)
                sys.print_exception(error)
`);
for (const module of modules) micropython.runPython(`run("${module}")`);
console.log("done");
