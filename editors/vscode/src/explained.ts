// What the last suggestion was made of, laid out as a text with coloured pieces. Pure.

import { savedOf, savedText } from "./figures";
import { map, number, text } from "./json";

/** Who proposed a token that was kept; the target's are its own corrections and additions. */
export const ORIGINS = ["draft", "lookup", "replay", "target"] as const;
export type Origin = (typeof ORIGINS)[number];

const LEGEND: Readonly<Record<Origin, string>> = {
    draft: "from the draft model, accepted",
    lookup: "copied from earlier in the file, accepted",
    replay: "as suggested or deleted before, accepted",
    target: "the target's own",
};

/** A stretch of the text, in UTF-16 units, that is painted. */
export interface Piece {
    readonly start: number;
    readonly end: number;
    readonly origin: Origin;
}

/** A text and what is painted of it. */
export interface Explained {
    readonly text: string;
    readonly pieces: readonly Piece[];
}

/** Lay out the server's answer; undefined where it explains nothing. */
export function explained(answer: unknown): Explained | undefined {
    const told = map(answer);
    const tokens = tokensOf(told["tokens"]);
    if (tokens.length === 0) {
        return undefined;
    }
    let whole = "";
    const pieces: Piece[] = [];
    const paint = (words: string, origin: Origin): void => {
        pieces.push({ start: whole.length, end: whole.length + words.length, origin });
        whole += words;
    };
    for (const token of tokens) {
        paint(token.text, token.origin);
    }
    whole += "\n\n";
    for (const origin of ORIGINS) {
        const count = tokens.filter((token) => token.origin === origin).length;
        paint(` ${origin} `, origin);
        whole += ` ${count}, ${LEGEND[origin]}\n`;
    }
    return { text: `${whole}\n${linesOf(told).join("\n")}\n`, pieces };
}

function tokensOf(value: unknown): { readonly text: string; readonly origin: Origin }[] {
    const tokens: unknown[] = Array.isArray(value) ? value : [];
    return tokens.map(map).flatMap((token) => {
        const [words, origin] = [text(token["text"]), ORIGINS.find((known) => known === token["origin"])];
        return words === undefined || origin === undefined ? [] : [{ text: words, origin }];
    });
}

/** The counts, the times, and what was saved and left out, a line each. */
function linesOf(told: Record<string, unknown>): string[] {
    const count = (name: string): number => number(told[name]) ?? 0;
    const [emitted, passes, tested, accepted] = ["emitted", "passes", "tested", "accepted"].map(count);
    const ms = map(told["ms"]);
    const time = (name: string): string => `${(number(ms[name]) ?? 0).toFixed(0)} ms`;
    const saved = savedOf(told["saved_ms"]);
    const [written, shown] = [text(told["text"]), text(told["shown"])];
    return [
        `${emitted} tokens in ${passes} passes of the target${ratio(" (τ ", emitted, passes, 1)}`,
        `drafted ${count("drafted")}, tested ${tested}, accepted ${accepted}${ratio(" (α ", accepted, tested, 2)}`,
        `first text ${time("first")}, total ${time("total")}`,
        `prompt ${time("prompt")}, drafting ${time("draft")}, verifying ${time("verify")}`,
        ...(saved === undefined ? [] : [`saved ${savedText(saved)}`]),
        `ended by ${text(told["finish"]) ?? "?"}${written === shown ? "" : "; not all of it was suggested"}`,
    ];
}

function ratio(name: string, part = 0, whole = 0, digits = 0): string {
    return whole === 0 ? "" : `${name}${(part / whole).toFixed(digits)})`;
}
