// The commands of the palette, and the menu behind the status bar item.

import { Uri, commands, window, type OutputChannel } from "vscode";
import { Explanation } from "./explanation";
import { toggled } from "./languages";
import { chooseInterpreter } from "./missing";
import type { Session } from "./session";
import { change, offFor, setting } from "./settings";

/** What lasts until it is disposed of. */
interface Lasting {
    dispose(): void;
}

/** Register all commands. */
export function registerCommands(session: Session): Lasting[] {
    const screen = window.createOutputChannel("paceline status");
    const explanation = new Explanation();
    const actions: Record<string, () => Promise<void>> = {
        menu: () => showMenu(),
        toggle: () => change("enabled", !setting("enabled")),
        toggleLanguage,
        showStatus: () => showStatus(session, screen),
        restartDaemon: () => restartDaemon(session),
        runDoctor: () => runDoctor(session),
        explain: () => explain(session, explanation),
        openLog: () => openLog(session),
        chooseInterpreter,
        acceptWord: () => session.feedback.accept("word"),
        acceptLine: () => session.feedback.accept("line"),
        dismiss: () => session.feedback.dismiss(),
    };
    const registered: Lasting[] = Object.entries(actions).map(([name, action]) =>
        commands.registerCommand(`paceline.${name}`, action),
    );
    return [...registered, screen, explanation];
}

async function toggleLanguage(): Promise<void> {
    const language = window.activeTextEditor?.document.languageId;
    if (language === undefined) {
        void window.showInformationMessage("Open a file of the language first.");
        return;
    }
    await change("disabledLanguages", toggled(setting("disabledLanguages"), language));
}

async function showStatus(session: Session, screen: OutputChannel): Promise<void> {
    const answer = await session.ask("status");
    if (answer === undefined) {
        await session.start();
        return;
    }
    screen.replace(answer.output || answer.complaint);
    screen.show(true);
    await session.figures();
}

/** End the daemon; the language server starts another for the document in front. */
async function restartDaemon(session: Session): Promise<void> {
    const answer = await session.ask("stop");
    if (answer === undefined) {
        await session.start();
        return;
    }
    if (answer.code !== 0) {
        void window.showErrorMessage(`paceline: ${answer.complaint || answer.output}`);
    }
    session.focus();
}

async function runDoctor(session: Session): Promise<void> {
    if (!session.runInTerminal("doctor")) {
        await session.start();
    }
}

async function explain(session: Session, explanation: Explanation): Promise<void> {
    const explained = await session.explanation();
    if (explained === undefined) {
        void window.showInformationMessage("paceline has suggested nothing yet.");
        return;
    }
    await explanation.show(explained);
}

async function openLog(session: Session): Promise<void> {
    const log = (await session.figures())?.log;
    if (log === undefined || log === "") {
        session.showOutput();
        return;
    }
    await window.showTextDocument(Uri.file(log));
}

async function showMenu(): Promise<void> {
    const language = window.activeTextEditor?.document.languageId;
    const entries = [
        { label: setting("enabled") ? "Switch suggestions off" : "Switch suggestions on", run: "toggle" },
        ...(language === undefined
            ? []
            : [{ label: languageLabel(language), run: "toggleLanguage" }]),
        { label: "Show status", run: "showStatus" },
        { label: "Explain the last suggestion", run: "explain" },
        { label: "Run the doctor", run: "runDoctor" },
        { label: "Restart the daemon", run: "restartDaemon" },
        { label: "Open the log", run: "openLog" },
        { label: "Choose the interpreter", run: "chooseInterpreter" },
    ];
    const chosen = await window.showQuickPick(entries, { title: "paceline" });
    if (chosen !== undefined) {
        await commands.executeCommand(`paceline.${chosen.run}`);
    }
}

function languageLabel(language: string): string {
    return offFor(language) === "language" ? `Suggest in ${language}` : `Do not suggest in ${language}`;
}
