// Somebody administers at night: found once a night and user. The hours are UTC and the operator's to set.
const HOUR = 3_600_000n;

export const detector = {
  describe() {
    const hour = { type: "integer", minimum: 0, maximum: 23 };
    const schema = { type: "object", properties: { from: hour, to: hour }, additionalProperties: false };
    return { name: "night", version: "0.1.0", configSchema: JSON.stringify(schema), secrets: [] };
  },

  rules(config) {
    parse(config);
    const [name, title] = ["night-administration", "Administration at night"];
    return [{ name, title, enabled: true, events: [["administrative"]], needs: [], uses: [] }];
  },

  // Who is active says nothing of it, and few events concern it: it asks when it has seen them.
  subjects() {
    return [];
  },

  // A profile is the number of the latest night that was told.
  detect(text, sightings, profiles) {
    const config = parse(text);
    const seen = sightings.map((sighting) => concerns(config, sighting)).filter((it) => it);
    const told = new Map(profiles.map(({ subject, body }) => [subject, number(String.fromCharCode(...body))]));
    const missing = new Set(seen.map((it) => it.who).filter((who) => !told.has(who)));
    if (missing.size > 0) return { tag: "needs", val: [...missing].sort() };
    const findings = [];
    const changed = new Map();
    for (const { sighting, night, who } of seen) {
      if (told.get(who) >= night) continue;
      told.set(who, night);
      findings.push(finding(sighting, night, who));
      changed.delete(who);
      changed.set(who, Uint8Array.from(String(night), (digit) => digit.charCodeAt(0)));
    }
    return { tag: "verdict", val: { findings, profiles: [...changed].map(([subject, body]) => ({ subject, body })) } };
  },
};

function parse(text) {
  const invalid = (why) => ({ tag: "invalid", val: why });
  let read;
  try {
    read = JSON.parse(text);
  } catch (why) {
    throw invalid(String(why));
  }
  const { from = 22, to = 5, ...rest } = read;
  const hour = (it) => Number.isInteger(it) && it >= 0 && it < 24;
  if (Object.keys(rest).length > 0) throw invalid(`unknown: ${Object.keys(rest).join(", ")}`);
  if (!hour(from) || !hour(to) || from === to) throw invalid("`from` and `to` are two different hours of the day, 0 to 23");
  return { from: BigInt(from), to: BigInt(to) };
}

// What does not read is as good as nothing.
function number(text) {
  return /^\d+$/.test(text) ? BigInt(text) : 0n;
}

// Its night, and whose it is, where a sighting is administration at night.
function concerns(config, sighting) {
  const { traits, actor, time } = sighting.event;
  const who = actor.id ?? actor.email;
  const night = nightOf(config, time);
  if (!traits.includes("administrative") || who == null || night == null) return undefined;
  return { sighting, night, who: `user:${who}` };
}

// The number of the night that an instant belongs to: that of the day on which the night ends.
function nightOf({ from, to }, at) {
  // Engines differ in what a 64-bit number is to them.
  const [day, hour] = [BigInt(at) / HOUR / 24n, (BigInt(at) / HOUR) % 24n];
  if (from < to) return from <= hour && hour < to ? day : undefined;
  if (hour < to) return day;
  return hour >= from ? day + 1n : undefined;
}

function finding({ seq, event }, night, who) {
  return {
    key: `night-administration|${who}|${night}`,
    policy: "night-administration",
    title: "Administration at night",
    reasons: [`${event.action} at ${(BigInt(event.time) / HOUR) % 24n}:00 UTC, the first that night`],
    severity: "low",
    actor: event.actor,
    addresses: event.ip == null ? [] : [event.ip],
    start: event.time,
    end: event.time,
    evidence: [seq],
    attacks: ["TA0004"],
    baseline: "{}",
  };
}
