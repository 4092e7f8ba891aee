// How paceline is, from what the server tells and the editor knows, and how that looks. Pure.

/** What the server last said of itself (`didChangeStatus`). */
export interface ServerStatus {
    readonly busy: boolean;
    readonly message: string;
    readonly kind: "Normal" | "Warning" | "Error" | "Inactive";
}

/** All that the status bar depends on. `percent` is how far loading is, where that is known. */
export interface Health {
    readonly phase: "starting" | "missing" | "stopped" | "running";
    readonly server: ServerStatus | undefined;
    readonly percent: number | undefined;
    readonly working: boolean;
    readonly off: "everywhere" | "language" | undefined;
}

/** How the status bar item looks. */
export interface Look {
    readonly text: string;
    readonly sentence: string;
    readonly colour: "error" | "warning" | undefined;
}

export const BEGINNING: Health = {
    phase: "starting",
    server: undefined,
    percent: undefined,
    working: false,
    off: undefined,
};

/** Return how it looks. */
export function lookOf(health: Health): Look {
    switch (health.phase) {
        case "missing":
            return look("$(error) paceline: not installed", "paceline is not installed", "error");
        case "stopped":
            return look("$(error) paceline: stopped", "The language server stopped", "error");
        case "starting":
            return look("$(loading~spin) paceline: starting", "Starting the language server");
        case "running":
            return health.off === undefined ? running(health) : off(health.off);
    }
}

function off(where: "everywhere" | "language"): Look {
    return where === "everywhere"
        ? look("$(circle-slash) paceline: off", "Suggestions are switched off")
        : look("$(circle-slash) paceline: off here", "Suggestions are switched off for this language");
}

function running({ server, percent, working }: Health): Look {
    if (server?.kind === "Error") {
        return look("$(error) paceline: error", server.message, "error");
    }
    if (percent !== undefined) {
        return look(`$(loading~spin) paceline: loading ${percent} %`, "Loading models");
    }
    if (server?.kind === "Warning") {
        return look("$(warning) paceline: restarting", server.message, "warning");
    }
    if (server?.busy === true) {
        return look("$(loading~spin) paceline: loading", server.message);
    }
    return working
        ? look("$(sync~spin) paceline", "Writing a suggestion")
        : look("$(check) paceline", server?.message ?? "Ready");
}

function look(text: string, sentence: string, colour?: "error" | "warning"): Look {
    return { text, sentence, colour };
}

/** Read the parameters of `didChangeStatus`; undefined where they are not what was agreed on. */
export function serverStatusOf(params: unknown): ServerStatus | undefined {
    if (typeof params !== "object" || params === null) {
        return undefined;
    }
    const { busy, message, kind } = params as Record<string, unknown>;
    const known = kind === "Normal" || kind === "Warning" || kind === "Error" || kind === "Inactive";
    return typeof busy === "boolean" && typeof message === "string" && known ? { busy, message, kind } : undefined;
}
