// The settings as VS Code has them.

import { ConfigurationTarget, workspace } from "vscode";
import { serverSettings } from "./serverSettings";

export const SECTION = "paceline";

/** The settings that the extension itself reads; the manifest gives each its default. */
interface Settings {
    enabled: boolean;
    disabledLanguages: string[];
    interpreter: string;
    daemon: Record<string, unknown>;
}

/** Return a setting. */
export function setting<Name extends keyof Settings>(name: Name): Settings[Name] {
    return workspace.getConfiguration(SECTION).get(name) as Settings[Name];
}

/** Return what the language server is told. */
export function settingsForServer(): Record<string, unknown> {
    const section = workspace.getConfiguration(SECTION);
    return serverSettings((name) => section.get(name));
}

/** Set a setting where it is set now, else for the user. */
export async function change<Name extends keyof Settings>(name: Name, value: Settings[Name]): Promise<void> {
    const section = workspace.getConfiguration(SECTION);
    const found = section.inspect(name);
    const target =
        found?.workspaceFolderValue !== undefined
            ? ConfigurationTarget.WorkspaceFolder
            : found?.workspaceValue !== undefined
              ? ConfigurationTarget.Workspace
              : ConfigurationTarget.Global;
    await section.update(name, value, target);
}

/** Tell where suggestions are switched off, as far as a document of this language goes. */
export function offFor(language: string | undefined): "everywhere" | "language" | undefined {
    if (!setting("enabled")) {
        return "everywhere";
    }
    const disabled = setting("disabledLanguages");
    return language !== undefined && disabled.includes(language) ? "language" : undefined;
}
