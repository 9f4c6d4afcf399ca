// Runs the composed command in Node. It sees the folder and the variables that are given here and nothing else of this
// machine.
//
//     npx jco transpile miro-source-command.wasm --name command --instantiation sync -o TRANSPILED
//     node command.js TRANSPILED FOLDER
//
// `jco run` is not enough: it opens no folder.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { cli } from "@bytecodealliance/preview2-shim";
import { WASIShim } from "@bytecodealliance/preview2-shim/instantiation";
import { print } from "./print.js";

const [transpiled, folder] = process.argv.slice(2);
const { instantiate } = await import(pathToFileURL(resolve(transpiled, "command.js")));
const module = (name) => new WebAssembly.Module(readFileSync(join(transpiled, name)));
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("MIRO_SOURCE_")));

// The shim's own does not say where a write fails, and the command keeps its place only behind what was written.
cli.stdout.getStdout().blockingWriteAndFlush = (bytes) => {
  try {
    print(bytes);
  } catch {
    throw { tag: "closed" };
  }
};

const shim = new WASIShim({ sandbox: { preopens: { "/state": resolve(folder) }, env: { ...env, MIRO_SOURCE_STATE: "/state" } } });
// What is not 0 ends the process from within, through `wasi:cli/exit`.
instantiate(module, shim.getImportObject()).run.run();
process.exit(0);
