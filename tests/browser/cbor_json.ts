// CBOR values as JSON that tells their types apart, for tests in Python: {"int": "1"},
// {"octets": "00ff"}, {"text": "a"}, {"array": [...]}, {"map": [[key, value], ...]},
// {"tag": [number, value]}, true, false, null.
import { Tag } from "../../host_client/browser/core/cbor.ts";
import type { Value } from "../../host_client/browser/core/cbor.ts";
import { fromHex, hex } from "../../host_client/browser/core/octets.ts";

export type Json =
  | { int: string }
  | { octets: string }
  | { text: string }
  | { array: Json[] }
  | { map: [Json, Json][] }
  | { tag: [number, Json] }
  | boolean
  | null;

export function toJson(value: Value): Json {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return { text: value };
  if (value instanceof Uint8Array) return { octets: hex(value) };
  if (Array.isArray(value)) return { array: value.map(toJson) };
  if (value instanceof Map) {
    return { map: [...value].map(([key, item]) => [toJson(key), toJson(item)]) };
  }
  if (value instanceof Tag) return { tag: [value.number, toJson(value.value)] };
  return { int: String(value) };
}

// An integer that a number holds exactly comes as one, as the decoder gives it.
export function fromJson(json: Json): Value {
  if (json === null || typeof json === "boolean") return json;
  if ("text" in json) return json.text;
  if ("octets" in json) return fromHex(json.octets);
  if ("array" in json) return json.array.map(fromJson);
  if ("map" in json) return new Map(json.map.map(([key, item]) => [fromJson(key), fromJson(item)]));
  if ("tag" in json) return new Tag(json.tag[0], fromJson(json.tag[1]));
  const number = Number(json.int);
  return Number.isSafeInteger(number) ? number : BigInt(json.int);
}
