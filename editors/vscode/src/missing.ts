// What the user is told where paceline is not installed.

import { Uri, commands, env, window } from "vscode";
import { change, setting } from "./settings";

const CHOOSE = "Choose Interpreter";
const INSTALL = "How to Install";
const GUIDE = "README.md";

/** Tell the user, once for each call, and do what is chosen. `home` is the folder of the extension. */
export async function tellMissing(home: Uri): Promise<void> {
    const chosen = setting("interpreter").trim();
    const text =
        chosen === ""
            ? "paceline is not installed for any Python found here: neither in a virtual environment of the workspace nor on the path."
            : `paceline does not run with the interpreter of the settings (${chosen}).`;
    switch (await window.showErrorMessage(text, CHOOSE, INSTALL)) {
        case CHOOSE:
            await chooseInterpreter();
            break;
        case INSTALL:
            await commands.executeCommand("markdown.showPreview", Uri.joinPath(home, GUIDE));
            break;
    }
}

/** Let the user choose the Python, or the executable, to start paceline with. */
export async function chooseInterpreter(): Promise<void> {
    const remote = env.remoteName === undefined ? "" : " on the remote machine";
    const found = await window.showOpenDialog({
        title: `The Python that paceline is installed for${remote}`,
        openLabel: "Use",
        canSelectMany: false,
    });
    const [file] = found ?? [];
    if (file !== undefined) {
        await change("interpreter", file.fsPath);
    }
}
