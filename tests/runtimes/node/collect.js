// Collects a vendor's audit log with a `source` component, as a library would: the component does what knows the vendor,
// this file keeps the place. Prints every event once, as NDJSON, and ends when there is nothing more for now.
//
//     npx jco transpile COMPONENT.wasm --name source --instantiation sync -o TRANSPILED
//     node collect.js TRANSPILED FOLDER
//
// What it needs to know comes from the environment, see ../README.md. The rules it keeps are those at the head of
// `wit/source.wit`: events before checkpoint, one refresh and journaled, nothing reached that was not granted.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { http, io } from "@bytecodealliance/preview2-shim";
import { Place } from "./place.js";
import { print } from "./print.js";

const [DONE, LEFT, CONFIGURATION, PERSON] = [0, 1, 2, 3];
// What each failure asks for; `expired` is answered by a refresh.
const ENDS = { unauthorized: PERSON, forbidden: PERSON, invalid: CONFIGURATION };
// Control, bidirectional and invisible characters: events are written by anybody, and a terminal obeys some of these.
const DECEIVES = /[\0-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;

/** The end of this run: an exit code, and what a person should know. */
class End extends Error {
  constructor(exit, text) {
    super(text);
    this.exit = exit;
  }
}

/** The component. Each call has a fresh instance: all state goes in and comes out, and one that trapped is dead. */
async function load(transpiled, allow) {
  const { instantiate } = await import(pathToFileURL(resolve(transpiled, "source.js")));
  const modules = new Map();
  const module = (name) => {
    if (!modules.has(name)) modules.set(name, new WebAssembly.Module(readFileSync(join(transpiled, name))));
    return modules.get(name);
  };
  // The gate: what is not granted is refused here, whatever the component says.
  const handle = (request, options) => {
    const origin = `${request.scheme()?.tag.toLowerCase()}://${request.authority()}`;
    if (!allow.includes(origin)) throw { tag: "HTTP-request-denied" };
    return http.outgoingHandler.handle(request, options);
  };
  const imports = {
    "wasi:http/outgoing-handler": { handle },
    "wasi:http/types": http.types,
    "wasi:io/error": io.error,
    "wasi:io/poll": io.poll,
    "wasi:io/streams": io.streams,
  };
  return (name, ...args) => instantiate(module, imports).source[name](...args);
}

const now = () => BigInt(Date.now());
const shown = (failure) => `${failure.tag}: ${failure.val?.val ?? failure.val ?? ""}`;
const say = (text) => process.stderr.write(`collect: ${text.replace(DECEIVES, "\ufffd")}\n`);
/** What a call threw as a `failure`; a trap ends the run. */
const failure = (thrown) => {
  if (thrown?.payload?.tag) return thrown.payload;
  throw new End(LEFT, `the component failed: ${thrown}`);
};

/** The record, equal to a parser and harmless on a terminal. */
function line(record) {
  const escape = (found) => [...found.split("")].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
  return record.replace(/[\t\n\r]/g, " ").replace(DECEIVES, escape) + "\n";
}

/** One call, journaled before, stored after. The old pair is dead once the vendor has processed it. */
function refresh(source, config, place, secrets) {
  if (place.attempts >= 2) throw new End(PERSON, "the answer to the last refresh was lost: authorize again");
  place.intend();
  try {
    place.renewed(source("refresh", config, secrets, place.pair, now()), now());
  } catch (thrown) {
    const why = failure(thrown);
    if (why.tag === "unsent") {
      place.forgetIntent();
      throw new End(ENDS[why.val.tag] ?? LEFT, `refresh: not sent: ${shown(why.val)}`);
    }
    throw new End(why.tag === "rejected" ? PERSON : LEFT, `refresh: ${shown(why)}`);
  }
}

/** Page after page until the component says that this is all for now. */
async function collect(source, config, place, secrets) {
  let checkpoint = place.checkpoint ?? source("begin", config, { tag: "live", val: now() }, now());
  for (let renewed = false; ; ) {
    if (place.attempts > 0 || place.due <= now()) refresh(source, config, place, secrets);
    let page;
    try {
      page = source("collect", config, place.pair.accessToken, checkpoint, now());
    } catch (thrown) {
      const why = failure(thrown);
      if (why.tag === "expired" && place.pair.refreshToken && !renewed) {
        refresh(source, config, place, secrets);
        renewed = true;
        continue;
      }
      throw new End(why.tag === "expired" ? PERSON : ENDS[why.tag] ?? LEFT, shown(why));
    }
    renewed = false;
    const fresh = page.events.filter((event) => place.isNew(event.id, event.time));
    const gaps = page.notes.filter((note) => note.tag === "gap").map((note) => note.val);
    for (const gap of gaps) say(`gap: ${gap.cause}`);
    for (const note of page.notes) if (note.tag === "warning") say(`warning: ${note.val}`);
    // First the events, and only when they have left, the checkpoint: it is never ahead of what it covers.
    print(fresh.map((event) => line(event.record)).join(""));
    place.keep(page.checkpoint, page.through, gaps);
    checkpoint = page.checkpoint;
    if (page.next.tag === "caught-up" || page.next.tag === "finished") return;
    if (page.next.tag === "after") await sleep(Number(page.next.val));
  }
}

async function main([transpiled, folder]) {
  const config = process.env.MIRO_SOURCE_CONFIG ?? "{}";
  const allow = (process.env.MIRO_SOURCE_ALLOW ?? "").split(" ").filter(Boolean);
  const source = await load(transpiled, allow);
  let missing;
  try {
    missing = source("origins", config).filter((origin) => !allow.includes(origin));
  } catch (thrown) {
    throw new End(CONFIGURATION, shown(failure(thrown)));
  }
  if (missing.length > 0) throw new End(CONFIGURATION, `it must reach ${missing}, which MIRO_SOURCE_ALLOW does not grant`);
  const secrets = Object.fromEntries(source("describe").secrets.map(({ name }) => [name, process.env[`MIRO_SOURCE_SECRET_${name.toUpperCase()}`]]));
  const { access_token, refresh_token, ...others } = secrets;
  const place = new Place(folder);
  place.adopt(access_token, refresh_token);
  await collect(source, config, place, Object.entries(others).filter(([, value]) => value));
  return DONE;
}

main(process.argv.slice(2)).then(
  (exit) => process.exit(exit),
  (why) => {
    say(why instanceof End ? why.message : why.stack);
    process.exit(why.exit ?? LEFT);
  },
);
