// Opens pages in light and dark, at phone and desktop width (the first at more), and prints what a browser says
// of each as JSON.
//
//   node look.mjs MODULES CHROMIUM FOLDER FILE…, MODULES holding playwright-core, pictures going to FOLDER
import { createRequire } from "node:module";
import { basename, join } from "node:path";

const [modules, executablePath, folder, ...files] = process.argv.slice(2);
const { chromium } = createRequire(join(modules, "look.js"))("playwright-core");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });

// what a page shows: how far it can be scrolled sideways, its plots, and where words of a plot meet others or leave it
const look = () => {
    const plots = [...document.querySelectorAll("svg")].filter((plot) => plot.checkVisibility());
    const meets = [];
    const beyond = [];
    for (const plot of plots) {
        const texts = [...plot.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
        const frame = plot.getBoundingClientRect();
        texts.forEach(([one, a], index) => {
            if (a.left < frame.left - 2 || a.right > frame.right + 2) beyond.push(one);
            for (const [other, b] of texts.slice(index + 1)) {
                const over = Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1;
                if (over && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3) meets.push(`${one} | ${other}`);
            }
        });
    }
    return {
        sideways: document.documentElement.scrollWidth - window.innerWidth,
        plots: plots.length,
        meets,
        beyond,
        ground: getComputedStyle(document.body).backgroundColor,
        title: document.title,
    };
};

const seen = [];
for (const file of files) {
    for (const scheme of ["light", "dark"]) {
        for (const width of file === files[0] ? [360, 390, 768, 1280] : [390, 1280]) {
            const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
            const said = [];
            const asked = [];
            page.on("console", (message) => said.push(message.text()));
            page.on("pageerror", (error) => said.push(String(error)));
            page.on("request", (request) => asked.push(request.url()));
            await page.goto(`file://${file}`);
            await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
            const found = await page.evaluate(look);
            const name = `${basename(file, ".html")}-${scheme}-${width}.png`;
            await page.screenshot({ path: join(folder, name), fullPage: true });
            seen.push({ file: basename(file), scheme, width, said, asked, ...found });
            await page.close();
        }
    }
}
await browser.close();
process.stdout.write(JSON.stringify(seen));
