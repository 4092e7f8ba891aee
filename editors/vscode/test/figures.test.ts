import assert from "node:assert/strict";
import { test } from "node:test";
import { figuresOf, linesOf } from "../src/figures";

const STATUS = {
    running: true,
    engine: { pair: "mini", device: "cpu", pacer: { saved_window: [81.4, 60.2, 102.6] } },
    settings: { target: "mini" },
    rates: { alpha: 0.7123, tau: 2, first_p50: 41.6 },
    suggestions: { shown: 10, accepted: 3, partly_accepted: 1, answer_p50: 12.2 },
    log: "/run/x.log",
};

test("a hover has pair, α, what is saved and the times", () => {
    const figures = figuresOf(JSON.stringify(STATUS));
    assert.ok(figures);
    assert.deepEqual(linesOf(figures), [
        ["pair", "mini on cpu"],
        ["α", "0.71"],
        ["τ", "2.00"],
        ["saved", "81 ms (95 %: 60 to 103) over the last answers"],
        ["first text", "p50 42 ms"],
        ["answers", "p50 12 ms"],
        ["suggestions", "10 shown, 4 accepted"],
    ]);
});

test("what was not counted yet is left out", () => {
    const figures = figuresOf(JSON.stringify({ ...STATUS, engine: { pacer: { saved_window: null } }, rates: { alpha: null }, suggestions: {} }));
    assert.ok(figures);
    assert.deepEqual(linesOf(figures), [["pair", "mini"]]);
});

test("no daemon, or an answer that is no status, has no figures", () => {
    for (const answer of ['{"running": false}', "", "null", "[1]", "Traceback", "{"]) {
        assert.equal(figuresOf(answer), undefined);
    }
});
