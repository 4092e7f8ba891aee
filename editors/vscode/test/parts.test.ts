import assert from "node:assert/strict";
import { test } from "node:test";
import { partTaken } from "../src/parts";

test("an accepted word counts with what stood before it", () => {
    assert.deepEqual(partTaken([{ text: "x = path.join(a)", standing: "x = path." }]), { index: 0, length: 9 });
});

test("the item that is on its way is the one that was taken from", () => {
    const items = ["return a", "return b + c"].map((text) => ({ text, standing: "return b" }));
    assert.deepEqual(partTaken(items), { index: 1, length: 8 });
});

test("line ends of the document count as the server's", () => {
    assert.deepEqual(partTaken([{ text: "a:\n  b\n  c", standing: "a:\r\n  b" }]), { index: 0, length: 6 });
});

test("characters of two units count twice", () => {
    assert.deepEqual(partTaken([{ text: '"🐍" + x', standing: '"🐍"' }]), { index: 0, length: 4 });
});

test("text of somebody else is no part", () => {
    assert.equal(partTaken([{ text: "abc", standing: "abd" }]), undefined);
    assert.equal(partTaken([{ text: "abc", standing: "" }]), undefined);
    assert.equal(partTaken([]), undefined);
});
