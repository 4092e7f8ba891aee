// paceline's own command line, run for its answer.

import { execFile } from "node:child_process";
import type { Command } from "./finding";

const LONGEST_MS = 30_000;

/** What a command line said. `code` is its exit status, undefined where it did not run or not end. */
export interface Answer {
    readonly code: number | undefined;
    readonly output: string;
    readonly complaint: string;
}

/** Our environment with what an own one puts on top. */
export function environmentOf(own: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    return { ...process.env, ...own };
}

/** Run a verb. `environment` is put on top of ours. Never rejects. */
export function run(
    command: Command,
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
): Promise<Answer> {
    const options = {
        env: environmentOf(environment),
        timeout: LONGEST_MS,
        windowsHide: true,
        encoding: "utf8" as const,
    };
    return new Promise((resolve) => {
        execFile(command.executable, [...command.prefix, ...words], options, (error, output, complaint) => {
            const code = error === null ? 0 : typeof error.code === "number" ? error.code : undefined;
            resolve({ code, output, complaint: complaint || (error?.message ?? "") });
        });
    });
}

/** Return the first command that is a working paceline; undefined where none is. */
export async function firstThatWorks(commands: readonly Command[]): Promise<Command | undefined> {
    for (const command of commands) {
        const { code, output } = await run(command, ["--version"]);
        if (code === 0 && output.startsWith("paceline ")) {
            return command;
        }
    }
    return undefined;
}
