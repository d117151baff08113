// Serves the operations that a bundle exports: `node json_lines.mjs BUNDLE`.
//
// A line of standard input is {"id": number, "operation": name, ...}, and is answered by the line
// {"id", "result"} or {"id", "error": class, "message", "reason"?, "status"?}; before it an
// operation may tell of things: {"id", "event"}. Operations may overlap.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { operations } = await import(pathToFileURL(process.argv[2]).href);

function say(line) {
  process.stdout.write(JSON.stringify(line) + "\n");
}

async function serve(asked) {
  const { id } = asked;
  try {
    const operation = operations[asked.operation];
    if (!operation) throw new RangeError(`no operation ${asked.operation}`);
    const result = await operation(asked, (event) => say({ id, event }));
    say({ id, result: result ?? null });
  } catch (error) {
    const { message, reason, status } = error;
    say({ id, error: error.constructor.name, message, reason, status });
  }
}

for await (const line of createInterface({ input: process.stdin })) void serve(JSON.parse(line));
