// Where paceline may be installed, the likeliest place first. Pure.

import { basename, isAbsolute, join } from "node:path";

/** A way to start paceline: an executable and what stands before the verb. */
export interface Command {
    readonly executable: string;
    readonly prefix: readonly string[];
}

/**
 * What the search goes by. `folders` are those of the workspace; none counts unless it is `trusted`. `clone` is
 * the folder of paceline's source that this extension was built in, on this machine or another.
 */
export interface Surroundings {
    readonly clone: string;
    readonly setting: string;
    readonly folders: readonly string[];
    readonly trusted: boolean;
    readonly home: string;
    readonly windows: boolean;
}

// -P keeps a folder called "paceline" in the working directory from being taken for the package
const MODULE = ["-P", "-m", "paceline"];
const ENVIRONMENTS = [".venv", "venv"];

/** Return the commands to try. With a setting it is that one alone: what the user chose is not replaced. */
export function candidates(surroundings: Surroundings): Command[] {
    const setting = expanded(surroundings.setting.trim(), surroundings);
    if (setting !== "") {
        return [commandOf(setting)];
    }
    const folders = surroundings.trusted ? surroundings.folders : [];
    const interpreter = surroundings.windows ? ["Scripts", "python.exe"] : ["bin", "python"];
    return [
        ...folders.flatMap((folder) =>
            ENVIRONMENTS.map((name) => python(join(folder, name, ...interpreter))),
        ),
        python(join(surroundings.clone, ".venv", ...interpreter)),
        { executable: "paceline", prefix: [] },
        ...(surroundings.windows ? ["python"] : ["python3", "python"]).map(python),
    ];
}

function commandOf(path: string): Command {
    return /^(python|pypy)/i.test(basename(path)) ? python(path) : { executable: path, prefix: [] };
}

function python(executable: string): Command {
    return { executable, prefix: MODULE };
}

function expanded(path: string, surroundings: Surroundings): string {
    const [folder] = surroundings.folders;
    if (path === "~" || path.startsWith("~/")) {
        return join(surroundings.home, path.slice(1));
    }
    const whole = folder === undefined ? path : path.replaceAll("${workspaceFolder}", folder);
    const isPath = /[\\/]/.test(whole);
    return isPath && !isAbsolute(whole) && folder !== undefined ? join(folder, whole) : whole;
}
