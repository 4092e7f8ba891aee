// What the language server is told of the settings, and the daemon's command line of the daemon's. Pure.

/** The settings that the server knows under the same name and with the same values. */
const SHARED = [
    "enabled",
    "automatic",
    "candidates",
    "temperature",
    "maxTokens",
    "prefetch",
    "deadlineMs",
    "showAfterMs",
    "leastConfidence",
    "disabledLanguages",
    "exclude",
    "logLevel",
    "daemon",
] as const;

const MULTILINE: Readonly<Record<string, boolean>> = { always: true, never: false };

/** Reads a setting of the section `paceline`. */
export type Read = (name: string) => unknown;

/** Return the server's options. */
export function serverSettings(read: Read): Record<string, unknown> {
    const shared = SHARED.map((name) => [name, read(name)] as const).filter(([, value]) => value !== undefined);
    return { ...Object.fromEntries(shared), multiline: MULTILINE[String(read("multiline"))] ?? null };
}

/** Return the environment that leads a command line to the daemon of these overrides. */
export function daemonEnvironment(overrides: unknown): Record<string, string> {
    if (typeof overrides !== "object" || overrides === null) {
        return {};
    }
    const entries = Object.entries(overrides as Record<string, unknown>);
    return Object.fromEntries(entries.map(([name, value]) => [`PACELINE_${name.toUpperCase()}`, wordOf(value)]));
}

function wordOf(value: unknown): string {
    return typeof value === "string" ? value : value === null ? "" : JSON.stringify(value);
}
