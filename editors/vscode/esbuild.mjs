// Bundles the extension into build/extension.js; with --tests, each test into build/test/.
import { copyFileSync, readdirSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";

const common = { bundle: true, platform: "node", target: "node20", logLevel: "warning" };

if (process.argv.includes("--tests")) {
    rmSync("build/test", { recursive: true, force: true });
    const tests = readdirSync("test").filter((name) => name.endsWith(".test.ts"));
    await build({
        ...common,
        entryPoints: tests.map((name) => `test/${name}`),
        outdir: "build/test",
        sourcemap: "inline",
    });
} else {
    copyFileSync("../../LICENSE", "LICENSE");
    await build({
        ...common,
        entryPoints: ["src/extension.ts"],
        outfile: "build/extension.js",
        external: ["vscode"],
        format: "cjs",
        minify: true,
        define: { CLONE: JSON.stringify(resolve("../..")) },
        mainFields: ["module", "main"],
    });
}
