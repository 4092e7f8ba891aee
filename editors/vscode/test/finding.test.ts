import assert from "node:assert/strict";
import { test } from "node:test";
import { candidates, type Surroundings } from "../src/finding";

const MODULE = ["-P", "-m", "paceline"];

function here(change: Partial<Surroundings> = {}): Surroundings {
    return { clone: "/c", setting: "", folders: ["/w"], trusted: true, home: "/h", windows: false, ...change };
}

function executables(change: Partial<Surroundings>): string[] {
    return candidates(here(change)).map(({ executable }) => executable);
}

test("the workspace's environments come before what is on the path", () => {
    assert.deepEqual(executables({}), [
        "/w/.venv/bin/python",
        "/w/venv/bin/python",
        "/c/.venv/bin/python",
        "paceline",
        "python3",
        "python",
    ]);
});

test("a workspace that is not trusted offers nothing", () => {
    assert.deepEqual(executables({ trusted: false }), ["/c/.venv/bin/python", "paceline", "python3", "python"]);
});

test("where the extension was built, paceline may be installed", () => {
    assert.equal(executables({ folders: [] })[0], "/c/.venv/bin/python");
});

test("a setting stands alone", () => {
    assert.deepEqual(candidates(here({ setting: " /opt/bin/python3.12 " })), [
        { executable: "/opt/bin/python3.12", prefix: MODULE },
    ]);
});

test("a setting may name the executable of paceline itself", () => {
    assert.deepEqual(candidates(here({ setting: "/opt/bin/paceline" })), [
        { executable: "/opt/bin/paceline", prefix: [] },
    ]);
});

test("the home and the workspace may stand for themselves in a setting", () => {
    assert.deepEqual(executables({ setting: "~/env/bin/python" }), ["/h/env/bin/python"]);
    assert.deepEqual(executables({ setting: "${workspaceFolder}/env/bin/python" }), ["/w/env/bin/python"]);
    assert.deepEqual(executables({ setting: "env/bin/python" }), ["/w/env/bin/python"]);
    assert.deepEqual(executables({ setting: "python3.13" }), ["python3.13"]);
});

test("no interpreter takes a folder of the workspace for the package", () => {
    for (const { executable, prefix } of candidates(here())) {
        assert.deepEqual(prefix, executable === "paceline" ? [] : MODULE);
    }
});
