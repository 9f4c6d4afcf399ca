"""Collects a vendor's audit log with a `source` component, as a library would: the component does what knows the vendor,
this file keeps the place. Prints every event once, as NDJSON, and ends when there is nothing more for now.

    python collect.py COMPONENT.wasm FOLDER

What it needs to know comes from the environment, see ../README.md. The rules it keeps are those at the head of
`wit/source.wit`: events before checkpoint, one refresh and journaled, nothing reached that was not granted.
"""

import json, os, re, sys, time
from types import SimpleNamespace

from wasmtime import Engine, Store, WasiConfig, WasmtimeError
from wasmtime.component import Component, Linker, Variant

from place import Owned, Place

DONE, LEFT, CONFIGURATION, PERSON, OWNED = range(5)
# What each failure asks for; `expired` is answered by a refresh.
ENDS = {"throttled": LEFT, "unavailable": LEFT, "protocol": LEFT, "unauthorized": PERSON, "forbidden": PERSON, "invalid": CONFIGURATION}
# Control, bidirectional and invisible characters: events are written by anybody, and a terminal obeys some of these.
DECEIVES = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")


class End(Exception):
    """The end of this run: an exit code, and what a person should know."""


class Source:
    """The component. Each call has a fresh instance in bounded memory: all state goes in and comes out."""

    def __init__(self, path):
        self.engine = Engine()
        self.component = Component.from_file(self.engine, path)
        self.linker = Linker(self.engine)
        self.linker.add_wasip2()
        self.linker.add_wasi_http()

    def call(self, name, *arguments):
        store = Store(self.engine)
        store.set_limits(memory_size=64 << 20)
        store.set_wasi(WasiConfig())  # no file, no variable, no stream
        store.set_wasi_http()
        instance = self.linker.instantiate(store, self.component)
        interface = instance.get_export_index(store, "audit:pipeline/source@0.1.0")
        function = instance.get_func(store, instance.get_export_index(store, name, interface))
        return function(store, *arguments)

    def ask(self, name, *arguments):
        """The same for what returns a `result` whose error is a `failure`: that ends the run."""
        answer = self.call(name, *arguments)
        if isinstance(answer, Variant):
            raise End(ENDS.get(answer.tag, LEFT), f"{name}: {answer.tag}: {answer.payload or ''}")
        return answer


def now():
    return time.time_ns() // 1_000_000


def say(text):
    print("collect: " + DECEIVES.sub("\N{REPLACEMENT CHARACTER}", text), file=sys.stderr)


def line(record):
    """The record, equal to a parser and harmless on a terminal."""
    escape = lambda found: "".join(f"\\u{unit:04x}" for unit in memoryview(found[0].encode("utf-16-le")).cast("H"))
    return DECEIVES.sub(escape, re.sub(r"[\t\n\r]", " ", record)).encode() + b"\n"


def emit(lines):
    """To the last byte, before anything that builds on it."""
    while lines:
        lines = lines[os.write(sys.stdout.fileno(), lines) :]


def refresh(source, config, place, secrets):
    """One call, journaled before, stored after. The old pair is dead once the vendor has processed it."""
    kept = place.read()
    if kept["attempts"] >= 2:
        raise End(PERSON, "the answer to the last refresh was lost: authorize again")
    place.intend()
    old = SimpleNamespace(**{"access-token": kept["access"], "refresh-token": kept["refresh"], "expires-at": kept["expires"]})
    answer = source.call("refresh", config, secrets, old, now())
    if not isinstance(answer, Variant):
        return place.renewed(getattr(answer, "access-token"), getattr(answer, "refresh-token"), getattr(answer, "expires-at"), now())
    if answer.tag == "unsent":
        place.forget_intent()
        raise End(ENDS.get(answer.payload.tag, LEFT), f"refresh: not sent: {answer.payload.payload}")
    raise End(PERSON if answer.tag == "rejected" else LEFT, f"refresh: {answer.tag}: {answer.payload}")


def collect(source, config, place, secrets):
    """Page after page until the component says that this is all for now."""
    checkpoint = place.read()["checkpoint"] or source.ask("begin", config, now(), now())  # a bare number is `span.live`
    renewed = False
    while True:
        kept = place.read()
        if kept["attempts"] or (kept["due"] and kept["due"] <= now()):
            refresh(source, config, place, secrets)
            kept = place.read()
        page = source.call("collect", config, kept["access"], checkpoint, now())
        if isinstance(page, Variant):
            if page.tag == "expired" and kept["refresh"] and not renewed:
                refresh(source, config, place, secrets)
                renewed = True
                continue
            raise End(PERSON if page.tag == "expired" else ENDS[page.tag], f"{page.tag}: {page.payload or ''}")
        renewed = False
        with place.step() as step:
            emit(b"".join(line(event.record) for event in page.events if step.new(event.id, event.time)))
            for note in page.notes:
                if note.tag == "gap":
                    step.gap(note.payload.start, note.payload.end, note.payload.cause)
                if note.tag in ("gap", "warning"):
                    say(f"{note.tag}: {getattr(note.payload, 'cause', note.payload)}")
            # Last, and after the events have left: a checkpoint is never ahead of what it covers.
            step.checkpoint(page.checkpoint, page.through)
        checkpoint = page.checkpoint
        if page.next.tag in ("caught-up", "finished"):
            return
        if page.next.tag == "after":
            time.sleep(page.next.payload / 1000)


def main(component, folder):
    config = os.environ.get("MIRO_SOURCE_CONFIG", "{}")
    source = Source(component)
    wanted = [secret.name for secret in source.call("describe").secrets]
    secrets = {name: os.environ.get("MIRO_SOURCE_SECRET_" + name.upper()) for name in wanted}
    if missing := set(source.ask("origins", config)) - set(os.environ.get("MIRO_SOURCE_ALLOW", "").split()):
        raise End(CONFIGURATION, f"it must reach {', '.join(missing)}, which MIRO_SOURCE_ALLOW does not grant")
    with Place(folder) as place:
        place.adopt(secrets.pop("access_token"), secrets.pop("refresh_token"))
        collect(source, config, place, [pair for pair in secrets.items() if pair[1]])


try:
    main(*sys.argv[1:])
except End as end:
    say(end.args[1])
    sys.exit(end.args[0])
except Owned:
    say("another process is collecting into this folder")
    sys.exit(OWNED)
except WasmtimeError as trap:
    say(f"the component failed: {trap}")
    sys.exit(LEFT)
except OSError as why:
    say(f"failed to print: {why}")
    sys.exit(LEFT)
