import assert from "node:assert/strict";
import { test } from "node:test";
import { explained } from "../src/explained";

const ANSWER = {
    text: 'oin("/srv")\nx',
    shown: 'oin("/srv")',
    finish: "line",
    drafted: 4,
    tested: 3,
    accepted: 2,
    emitted: 4,
    passes: 2,
    ms: { queue: 0, prompt: 20.4, first: 21.2, total: 25.1, draft: 2, verify: 1.6, host: 0.2 },
    saved_ms: [3.2, 1.1, 5.4],
    tokens: [
        { text: "oin", origin: "target" },
        { text: '("/srv"', origin: "lookup" },
        { text: ")", origin: "draft" },
        { text: "\nx", origin: "target" },
    ],
};

test("each token is painted, and so is the legend", () => {
    const found = explained(ANSWER);
    assert.ok(found);
    const painted = found.pieces.map(({ start, end, origin }) => [found.text.slice(start, end), origin]);
    assert.deepEqual(painted, [
        ["oin", "target"],
        ['("/srv"', "lookup"],
        [")", "draft"],
        ["\nx", "target"],
        [" draft ", "draft"],
        [" lookup ", "lookup"],
        [" replay ", "replay"],
        [" target ", "target"],
    ]);
    assert.ok(found.text.startsWith(ANSWER.text));
});

test("counts, rates, times and what was saved stand below", () => {
    const lines = explained(ANSWER)?.text.trim().split("\n").slice(-6);
    assert.deepEqual(lines, [
        "4 tokens in 2 passes of the target (τ 2.0)",
        "drafted 4, tested 3, accepted 2 (α 0.67)",
        "first text 21 ms, total 25 ms",
        "prompt 20 ms, drafting 2 ms, verifying 2 ms",
        "saved 3.2 ms (95 %: 1.1 to 5.4)",
        "ended by line; not all of it was suggested",
    ]);
});

test("what was not measured is left out", () => {
    const text = explained({ ...ANSWER, saved_ms: null, tested: 0, shown: ANSWER.text })?.text ?? "";
    assert.doesNotMatch(text, /saved|α|not all/);
});

test("an answer that explains nothing is none", () => {
    for (const answer of [null, undefined, {}, [], { tokens: [] }, { tokens: [{ text: 1, origin: "draft" }] }]) {
        assert.equal(explained(answer), undefined);
    }
});
