// Where a source stands: checkpoint, ids seen, gaps and tokens, in one file that is replaced as a whole, so that what
// belongs together is kept together. (Whoever collects much keeps it in a database: a page rewrites this file.) Tokens lie
// in it as they are: its folder is for its owner only. One process at a time; `flock` sees to that.

import { createHash } from "node:crypto";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// Longer than any event is read again.
const REMEMBER = 100n * 86_400_000n;
const instant = (value) => (value == null ? undefined : BigInt(value));

export class Place {
  #folder;
  #file;
  #state = { attempts: 0, seen: [], gaps: [] };
  #seen;

  constructor(folder) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folder = folder;
    this.#file = join(folder, "place.json");
    if (existsSync(this.#file)) this.#state = JSON.parse(readFileSync(this.#file, "utf8"));
    this.#seen = new Map(this.#state.seen);
  }

  get checkpoint() {
    return this.#state.checkpoint;
  }

  /** How often the pair was sent to be refreshed without an answer. */
  get attempts() {
    return this.#state.attempts;
  }

  /** When the pair is to be refreshed; far away for one that does not expire. */
  get due() {
    return instant(this.#state.due) ?? 2n ** 64n;
  }

  get pair() {
    const { accessToken, refreshToken, expiresAt } = this.#state;
    return { accessToken, refreshToken, expiresAt: instant(expiresAt) };
  }

  /** Takes configured tokens once: from then on the kept pair is the newer one, until they are changed. */
  adopt(accessToken, refreshToken) {
    const configured = createHash("sha256").update(`${accessToken}\n${refreshToken}`).digest("hex");
    if (accessToken && configured !== this.#state.configured) {
      this.#write({ configured, accessToken, refreshToken, expiresAt: null, due: null, attempts: 0 });
    }
  }

  intend() {
    this.#write({ attempts: this.attempts + 1 });
  }

  forgetIntent() {
    this.#write({ attempts: 0 });
  }

  /** A new pair; due two minutes, or a fifth of its life, before it ends. */
  renewed({ accessToken, refreshToken, expiresAt }, now) {
    const fifth = expiresAt && (expiresAt - now) / 5n;
    const due = expiresAt && expiresAt - (fifth < 120_000n ? fifth : 120_000n);
    this.#write({ accessToken, refreshToken, expiresAt: expiresAt?.toString(), due: due?.toString(), attempts: 0 });
  }

  /** Whether this id comes for the first time. It is remembered with the next `keep`. */
  isNew(id, time) {
    if (this.#seen.has(id)) return false;
    this.#seen.set(id, time.toString());
    return true;
  }

  /** One page: all of it is kept, or nothing. */
  keep(checkpoint, through, gaps) {
    for (const [id, time] of this.#seen) if (BigInt(time) < through - REMEMBER) this.#seen.delete(id);
    const plain = gaps.map(({ start, end, cause }) => ({ start: `${start}`, end: `${end}`, cause }));
    this.#write({ checkpoint, seen: [...this.#seen], gaps: [...this.#state.gaps, ...plain] });
  }

  /** On disk when it returns: written beside, synced, renamed over the old, and the folder synced. */
  #write(change) {
    this.#state = { ...this.#state, ...change };
    const beside = openSync(`${this.#file}.new`, "w", 0o600);
    writeFileSync(beside, JSON.stringify(this.#state));
    fsyncSync(beside);
    closeSync(beside);
    renameSync(`${this.#file}.new`, this.#file);
    const folder = openSync(this.#folder, "r");
    fsyncSync(folder);
    closeSync(folder);
  }
}
