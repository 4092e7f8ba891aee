// The daemon's figures, as `paceline status --json` prints them, in the lines of a hover. Pure.

/** What is read of the daemon's status; a part that is not told is undefined. */
export interface Figures {
    readonly pair: string | undefined;
    readonly device: string | undefined;
    readonly alpha: number | undefined;
    readonly tau: number | undefined;
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
        firstMs: number(rates["first_p50"]),
        answerMs: number(told["answer_p50"]),
        shown: number(told["shown"]) ?? 0,
        accepted: (number(told["accepted"]) ?? 0) + (number(told["partly_accepted"]) ?? 0),
        log: text(status["log"]),
    };
}

/** Return the lines of a hover, each a name and what there is to say. */
export function linesOf(figures: Figures): [string, string][] {
    const { pair, device, alpha, tau, firstMs, answerMs, shown, accepted } = figures;
    const where = device === undefined ? "" : ` on ${device}`;
    const lines: [string, string | undefined][] = [
        ["pair", pair === undefined ? undefined : `${pair}${where}`],
        ["α", alpha?.toFixed(2)],
        ["saved", tau === undefined ? undefined : `${saved(tau)} of the target's passes (τ ${tau.toFixed(2)})`],
        ["first text", firstMs === undefined ? undefined : `p50 ${firstMs.toFixed(0)} ms`],
        ["answers", answerMs === undefined ? undefined : `p50 ${answerMs.toFixed(0)} ms`],
        ["suggestions", shown === 0 ? undefined : `${shown} shown, ${accepted} accepted`],
    ];
    return lines.filter((line): line is [string, string] => line[1] !== undefined);
}

/** Plain decoding takes one pass of the target for each token; τ tokens came of each. */
function saved(tau: number): string {
    return `${Math.max(0, 100 * (1 - 1 / tau)).toFixed(0)} %`;
}

function parsed(json: string): Record<string, unknown> {
    try {
        return map(JSON.parse(json));
    } catch (error) {
        if (error instanceof SyntaxError) {
            return {};
        }
        throw error;
    }
}

function map(value: unknown): Record<string, unknown> {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}

function number(value: unknown): number | undefined {
    return typeof value === "number" ? value : undefined;
}
