// The daemon's figures, as `paceline status --json` prints them, in the lines of a hover. Pure.

import { map, number, parsed, text } from "./json";

/** Milliseconds that speculation saved, measured, and the bounds of their 95 % interval; negative is lost. */
export type Saved = readonly [number, number, number];

/** What is read of the daemon's status; a part that is not told is undefined. */
export interface Figures {
    readonly pair: string | undefined;
    readonly device: string | undefined;
    readonly alpha: number | undefined;
    readonly tau: number | undefined;
    readonly saved: Saved | undefined;
    readonly firstMs: number | undefined;
    readonly answerMs: number | undefined;
    readonly shown: number;
    readonly accepted: number;
    readonly log: string | undefined;
}

/** Read the answer of `paceline status --json`; undefined where no daemon runs. */
export function figuresOf(json: string): Figures | undefined {
    const status = parsed(json);
    if (status["running"] !== true) {
        return undefined;
    }
    const [engine, settings] = [map(status["engine"]), map(status["settings"])];
    const [rates, told] = [map(status["rates"]), map(status["suggestions"])];
    return {
        pair: text(engine["pair"]) ?? text(settings["target"]),
        device: text(engine["device"]),
        alpha: number(rates["alpha"]),
        tau: number(rates["tau"]),
        saved: savedOf(map(engine["pacer"])["saved_window"]),
        firstMs: number(rates["first_p50"]),
        answerMs: number(told["answer_p50"]),
        shown: number(told["shown"]) ?? 0,
        accepted: (number(told["accepted"]) ?? 0) + (number(told["partly_accepted"]) ?? 0),
        log: text(status["log"]),
    };
}

/** Return the lines of a hover, each a name and what there is to say. */
export function linesOf(figures: Figures): [string, string][] {
    const { pair, device, alpha, tau, saved, firstMs, answerMs, shown, accepted } = figures;
    const where = device === undefined ? "" : ` on ${device}`;
    const lines: [string, string | undefined][] = [
        ["pair", pair === undefined ? undefined : `${pair}${where}`],
        ["α", alpha?.toFixed(2)],
        ["τ", tau?.toFixed(2)],
        ["saved", saved === undefined ? undefined : `${savedText(saved)} over the last answers`],
        ["first text", firstMs === undefined ? undefined : `p50 ${firstMs.toFixed(0)} ms`],
        ["answers", answerMs === undefined ? undefined : `p50 ${answerMs.toFixed(0)} ms`],
        ["suggestions", shown === 0 ? undefined : `${shown} shown, ${accepted} accepted`],
    ];
    return lines.filter((line): line is [string, string] => line[1] !== undefined);
}

/** Say what was saved, with its interval. */
export function savedText([ms, low, high]: Saved): string {
    const digits = Math.abs(ms) < 10 ? 1 : 0;
    return `${ms.toFixed(digits)} ms (95 %: ${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}

/** Read what was saved; undefined where it was not measured yet. */
export function savedOf(value: unknown): Saved | undefined {
    const numbers: unknown[] = Array.isArray(value) ? value : [];
    const [ms, low, high] = numbers.map(number);
    return ms === undefined || low === undefined || high === undefined ? undefined : [ms, low, high];
}
