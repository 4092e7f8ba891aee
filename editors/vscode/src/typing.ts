// What was typed while nobody could answer: asked about once more, unasked, when somebody can.

import {
    TextDocumentChangeReason,
    commands,
    window,
    workspace,
    type Position,
    type TextDocument,
    type TextDocumentChangeEvent,
} from "vscode";
import { offFor } from "./settings";

interface Typed {
    readonly document: TextDocument;
    readonly version: number;
    readonly position: Position;
}

/** Remembers where the user typed last, until there is a suggestion for it. */
export class Typing {
    private last = typedBefore();
    private asking: Typed | undefined;
    private readonly listening = workspace.onDidChangeTextDocument((event) => {
        if (event.contentChanges.length > 0 && event.document === window.activeTextEditor?.document) {
            this.last = typedBy(event);
        }
    });

    /** Something was suggested in a document. */
    answered(document: TextDocument): void {
        if (this.last?.document === document) {
            this.last = undefined;
        }
    }

    /** Somebody can answer now: ask, if the cursor is still where typing left it. */
    async ask(): Promise<void> {
        const [typed, editor] = [this.last, window.activeTextEditor];
        if (
            typed === undefined ||
            editor?.document !== typed.document ||
            typed.document.version !== typed.version ||
            editor.selections.length !== 1 ||
            !editor.selection.isEmpty ||
            !editor.selection.active.isEqual(typed.position) ||
            offFor(typed.document.languageId) !== undefined
        ) {
            return;
        }
        this.asking = typed;
        await commands.executeCommand("editor.action.inlineSuggest.trigger");
    }

    /** Whether a request that VS Code holds for one by hand is ours, which nobody asked for. True once. */
    isOurs(document: TextDocument): boolean {
        const asking = this.asking;
        this.asking = undefined;
        return asking?.document === document && asking.version === document.version;
    }

    dispose(): void {
        this.listening.dispose();
    }
}

/** Where typing left the cursor; undefined where it was no typing. */
function typedBy({ document, contentChanges, reason }: TextDocumentChangeEvent): Typed | undefined {
    const [change, ...others] = contentChanges;
    const undone = reason === TextDocumentChangeReason.Undo || reason === TextDocumentChangeReason.Redo;
    if (change === undefined || others.length > 0 || undone) {
        return undefined;
    }
    const position = document.positionAt(change.rangeOffset + change.text.length);
    return { document, version: document.version, position };
}

/** What was typed before this extension was there to hear of it. */
function typedBefore(): Typed | undefined {
    const editor = window.activeTextEditor;
    return editor?.document.isDirty === true
        ? { document: editor.document, version: editor.document.version, position: editor.selection.active }
        : undefined;
}
