// JSON from outside, read without trust in its shape. Pure.

/** Return the map that a JSON text holds; an empty one where it holds none. */
export function parsed(json: string): Record<string, unknown> {
    try {
        return map(JSON.parse(json));
    } catch (error) {
        if (error instanceof SyntaxError) {
            return {};
        }
        throw error;
    }
}

/** Return a value if it is a map, else an empty one. */
export function map(value: unknown): Record<string, unknown> {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** Return a value if it is a text. */
export function text(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}

/** Return a value if it is a number. */
export function number(value: unknown): number | undefined {
    return typeof value === "number" ? value : undefined;
}
