// paceline's own command line, run in a terminal for the user to read.

import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter, window, type Pseudoterminal } from "vscode";
import { environmentOf } from "./commandLine";
import type { Command } from "./finding";

/** Run a verb in a terminal that stays open. No shell is started, so it works in untrusted workspaces too. */
export function runInTerminal(
    command: Command,
    verb: string,
    environment: Readonly<Record<string, string>>,
): void {
    const pty = new Run(command, verb, environment);
    window.createTerminal({ name: `paceline ${verb}`, pty, isTransient: true }).show();
}

class Run implements Pseudoterminal {
    private readonly written = new EventEmitter<string>();
    private process: ChildProcess | undefined;

    readonly onDidWrite = this.written.event;

    constructor(
        private readonly command: Command,
        private readonly verb: string,
        private readonly environment: Readonly<Record<string, string>>,
    ) {}

    open(): void {
        const { executable, prefix } = this.command;
        this.write([executable, ...prefix, this.verb].join(" ") + "\n\n");
        const process = spawn(executable, [...prefix, this.verb], {
            env: { ...environmentOf(this.environment), PYTHONUNBUFFERED: "1" },
            stdio: ["ignore", "pipe", "pipe"],
            windowsHide: true,
        });
        for (const stream of [process.stdout, process.stderr]) {
            stream.setEncoding("utf8").on("data", (words: string) => {
                this.write(words);
            });
        }
        process.on("error", ({ message }) => {
            this.write(`${message}\n`);
        });
        process.on("close", (code) => {
            this.write(`\nexit status ${code ?? "unknown"}\n`);
        });
        this.process = process;
    }

    close(): void {
        this.process?.kill();
    }

    private write(words: string): void {
        this.written.fire(words.replaceAll("\n", "\r\n"));
    }
}
