// paceline in this window: found, started, asked how it is, ended.

import { homedir } from "node:os";
import { Uri, window, workspace, type Disposable } from "vscode";
import { State, type LanguageClient } from "vscode-languageclient/node";
import { clientFor, type Observer } from "./client";
import { firstThatWorks, run, type Answer } from "./commandLine";
import { runInTerminal } from "./doctor";
import { explained, type Explained } from "./explained";
import { Feedback } from "./feedback";
import { figuresOf, type Figures } from "./figures";
import { candidates, type Command } from "./finding";
import type { ServerStatus } from "./health";
import { tellMissing } from "./missing";
import { daemonEnvironment } from "./serverSettings";
import { offFor, setting } from "./settings";
import type { StatusBar } from "./statusBar";
import { Typing } from "./typing";

declare const CLONE: string; // put in when the extension is built

const EXPLAIN = "paceline.explainLast"; // a command of the server
const FIGURES_EVERY_MS = 30_000; // at most, and only after suggestions

/** One window's paceline. */
export class Session implements Disposable, Observer {
    /** What the user does with suggestions goes here, server or not: other extensions suggest too. */
    readonly feedback = new Feedback((method, params) => {
        this.notify(method, params);
    });

    /** What was typed while there was nobody to ask. */
    readonly typing = new Typing();
    private command: Command | undefined;
    private client: LanguageClient | undefined;
    private open = 0;
    private isDue = false;
    private figuresTaken = -Infinity;
    private changing: Promise<void> = Promise.resolve();

    constructor(
        private readonly home: Uri,
        private readonly bar: StatusBar,
    ) {}

    /** Find and start the server; one that runs is ended first. */
    start(): Promise<void> {
        this.changing = this.changing.then(async () => {
            await this.end();
            await this.begin();
        });
        return this.changing;
    }

    /** Whether there is a server to talk to. */
    get found(): boolean {
        return this.command !== undefined;
    }

    /** Run a verb for the daemon of this window; undefined where paceline is not installed. */
    async ask(...words: string[]): Promise<Answer | undefined> {
        return this.command && run(this.command, words, daemonEnvironment(setting("daemon")));
    }

    /** Run a verb in a terminal; false where paceline is not installed. */
    runInTerminal(verb: string): boolean {
        if (this.command === undefined) {
            return false;
        }
        runInTerminal(this.command, verb, daemonEnvironment(setting("daemon")));
        return true;
    }

    /** What the last suggestion was made of; undefined where there was none. */
    async explanation(): Promise<Explained | undefined> {
        return this.client?.isRunning() === true
            ? explained(await this.client.sendRequest("workspace/executeCommand", { command: EXPLAIN }))
            : undefined;
    }

    /** Return the daemon's figures, and show them in the hover; undefined where no daemon runs. */
    async figures(): Promise<Figures | undefined> {
        const answer = await this.ask("status", "--json");
        const figures = answer === undefined ? undefined : figuresOf(answer.output);
        this.bar.setFigures(figures);
        return figures;
    }

    /** The user looks at the document in front: where it is one to suggest in, the daemon is to be ready. */
    focus(): void {
        const editor = window.activeTextEditor;
        this.bar.update({ off: offFor(editor?.document.languageId) });
        if (editor !== undefined && this.client !== undefined) {
            const converter = this.client.code2ProtocolConverter;
            this.notify("textDocument/didFocus", {
                textDocument: converter.asTextDocumentIdentifier(editor.document),
                position: converter.asPosition(editor.selection.active),
            });
        }
    }

    /** Show what the server wrote to its log. */
    showOutput(): void {
        this.client?.outputChannel.show();
    }

    status(status: ServerStatus): void {
        this.bar.update(status.busy ? { server: status } : { server: status, percent: undefined });
        if (!status.busy && status.kind === "Normal") {
            void this.figures();
            this.isDue = true;
            this.askIfDue();
        }
    }

    loading(percent: number | undefined): void {
        this.bar.update({ percent });
    }

    working(requests: number): void {
        this.open = requests;
        this.askIfDue();
        this.bar.setWorking(requests > 0);
        if (requests === 0 && performance.now() - this.figuresTaken > FIGURES_EVERY_MS) {
            this.figuresTaken = performance.now();
            void this.figures();
        }
    }

    /** The server has become ready: what was typed before is asked for, once no request is open for it. */
    private askIfDue(): void {
        if (this.isDue && this.open === 0) {
            this.isDue = false;
            void this.typing.ask();
        }
    }

    dispose(): void {
        this.typing.dispose();
        void this.end();
    }

    /** End the server; what comes after waits for it. */
    async end(): Promise<void> {
        const client = this.client;
        this.client = this.command = undefined;
        await client?.dispose();
    }

    private async begin(): Promise<void> {
        this.bar.update({ phase: "starting", server: undefined, percent: undefined });
        this.command = await firstThatWorks(candidates(surroundings()));
        if (this.command === undefined) {
            this.bar.update({ phase: "missing" });
            this.bar.setFigures(undefined);
            void tellMissing(this.home);
            return;
        }
        const client = (this.client = clientFor(this.command, this, this));
        client.onDidChangeState(({ newState }) => {
            if (this.client === client && newState !== State.Starting) {
                this.bar.update({ phase: newState === State.Running ? "running" : "stopped" });
            }
        });
        try {
            await client.start();
        } catch {
            this.bar.update({ phase: "stopped" }); // the client has told the user why
            return;
        }
        this.focus();
        void this.typing.ask();
    }

    private notify(method: string, params: unknown): void {
        if (this.client?.isRunning() === true) {
            void this.client.sendNotification(method, params);
        }
    }
}

function surroundings(): Parameters<typeof candidates>[0] {
    return {
        clone: CLONE,
        setting: setting("interpreter"),
        folders: (workspace.workspaceFolders ?? [])
            .filter(({ uri }) => uri.scheme === "file")
            .map(({ uri }) => uri.fsPath),
        trusted: workspace.isTrusted,
        home: homedir(),
        windows: process.platform === "win32",
    };
}
