import assert from "node:assert/strict";
import { test } from "node:test";
import { BEGINNING, lookOf, serverStatusOf, type Health, type ServerStatus } from "../src/health";

const READY: ServerStatus = { busy: false, message: "Ready", kind: "Normal" };

function text(change: Partial<Health>): string {
    return lookOf({ ...BEGINNING, phase: "running", ...change }).text;
}

test("each state has a text of its own", () => {
    const texts = [
        text({ phase: "missing" }),
        text({ phase: "stopped" }),
        text({ phase: "starting" }),
        text({ off: "everywhere" }),
        text({ off: "language" }),
        text({ server: { busy: true, message: "Loading models", kind: "Normal" } }),
        text({ percent: 40 }),
        text({ server: READY }),
        text({ server: READY, working: true }),
        text({ server: { busy: true, message: "gone", kind: "Warning" } }),
        text({ server: { busy: false, message: "no such model", kind: "Error" } }),
    ];
    assert.equal(new Set(texts).size, texts.length);
});

test("loading says how far it is", () => {
    assert.match(text({ percent: 40 }), /loading 40 %/);
});

test("off is off, whatever the server says", () => {
    const server: ServerStatus = { busy: false, message: "no such model", kind: "Error" };
    assert.match(text({ off: "everywhere", server, percent: 3, working: true }), /off$/);
});

test("an error shows its sentence and its colour, also while requests are open", () => {
    const server: ServerStatus = { busy: false, message: "no such model", kind: "Error" };
    const look = lookOf({ ...BEGINNING, phase: "running", server, working: true });
    assert.equal(look.sentence, "no such model");
    assert.equal(look.colour, "error");
});

test("only a status that was agreed on is read", () => {
    assert.deepEqual(serverStatusOf({ ...READY, more: 1 }), READY);
    for (const other of [null, 3, {}, { ...READY, kind: "Fine" }, { ...READY, busy: 1 }]) {
        assert.equal(serverStatusOf(other), undefined);
    }
});
