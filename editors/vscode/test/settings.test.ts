import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { toggled } from "../src/languages";
import { daemonEnvironment, serverSettings } from "../src/serverSettings";

interface Manifest {
    contributes: { configuration: { properties: Record<string, { default: unknown; description?: string }> } };
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const properties = manifest.contributes.configuration.properties;

function defaults(name: string): unknown {
    return properties[`paceline.${name}`]?.default;
}

test("every setting but the extension's own reaches the server", () => {
    const told = Object.keys(serverSettings(defaults)).map((name) => `paceline.${name}`);
    const own = ["paceline.interpreter"];
    assert.deepEqual(told.sort(), Object.keys(properties).filter((name) => !own.includes(name)).sort());
});

test("whether lines may be several is a choice of three", () => {
    const told = (value: string): unknown => serverSettings(() => value)["multiline"];
    assert.deepEqual(["auto", "always", "never"].map(told), [null, true, false]);
});

test("the command line finds the daemon of the same settings", () => {
    assert.deepEqual(daemonEnvironment({ threads: 2, k: null, target: "mini" }), {
        PACELINE_THREADS: "2",
        PACELINE_K: "",
        PACELINE_TARGET: "mini",
    });
    assert.deepEqual(daemonEnvironment(undefined), {});
});

test("a language is switched off and on again", () => {
    const off = toggled(["yaml"], "python");
    assert.deepEqual(off, ["python", "yaml"]);
    assert.deepEqual(toggled(off, "python"), ["yaml"]);
});
