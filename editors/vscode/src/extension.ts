// The extension's beginning and end.

import { window, workspace, type ExtensionContext } from "vscode";
import { registerCommands } from "./commands";
import { Session } from "./session";
import { SECTION } from "./settings";
import { StatusBar } from "./statusBar";

let session: Session | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
    const bar = new StatusBar();
    const own = (session = new Session(context.extensionUri, bar));
    context.subscriptions.push(
        bar,
        own,
        ...registerCommands(own),
        window.onDidChangeActiveTextEditor(() => {
            own.focus();
        }),
        workspace.onDidChangeConfiguration((event) => {
            if (event.affectsConfiguration(`${SECTION}.interpreter`)) {
                void own.start();
            } else if (event.affectsConfiguration(SECTION)) {
                own.focus();
            }
        }),
        workspace.onDidGrantWorkspaceTrust(() => {
            if (!own.found) {
                void own.start();
            }
        }),
    );
    await own.start();
}

export async function deactivate(): Promise<void> {
    await session?.end();
}
