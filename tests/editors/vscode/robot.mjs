// A browser that does what it is told: JSON lines {call, arguments} on standard input, {result} or {error} back.
//
//   node robot.mjs MODULES CHROMIUM, MODULES being the node_modules folder with playwright-core
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [modules, executablePath] = process.argv.slice(2);
const { chromium } = createRequire(join(modules, "robot.js"))("playwright-core");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: { width: 1200, height: 700 } });

const calls = {
    go: (url) => page.goto(url),
    press: (key) => page.keyboard.press(key),
    type: (text) => page.keyboard.type(text, { delay: 15 }),
    click: (selector) => page.click(selector),
    hover: (selector) => page.hover(selector),
    look: (code) => page.evaluate(code),
    picture: (path) => page.screenshot({ path }),
};

for await (const line of createInterface({ input: process.stdin })) {
    const { call, arguments: words } = JSON.parse(line);
    let answer;
    try {
        const result = await calls[call](...words);
        answer = { result: call === "look" ? (result ?? null) : null };
    } catch (error) {
        answer = { error: String(error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
