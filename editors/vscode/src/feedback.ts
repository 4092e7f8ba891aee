// What becomes of suggestions, told to the server. Acceptance of a whole item is told by the item's command.

import {
    Range,
    commands,
    window,
    workspace,
    type InlineCompletionItem,
    type Position,
    type TextDocument,
    type TextDocumentChangeEvent,
} from "vscode";
import { partTaken } from "./parts";

const ACCEPT = { word: "acceptNextWord", line: "acceptNextLine" } as const;

/** Sends a notification to the server. */
export type Notify = (method: string, params: unknown) => void;

interface Given {
    readonly document: TextDocument;
    readonly items: readonly InlineCompletionItem[];
}

/** Remembers the items that were last given to the editor. */
export class Feedback {
    private last: Given | undefined;

    constructor(private readonly notify: Notify) {}

    /** Items were given for a place. The first is seen where the cursor is still there. */
    given(document: TextDocument, position: Position, items: readonly InlineCompletionItem[]): void {
        const [first] = items;
        if (first === undefined) {
            return;
        }
        this.last = { document, items };
        const editor = window.activeTextEditor;
        if (editor?.document === document && editor.selection.active.isEqual(position)) {
            this.notify("textDocument/didShowCompletion", { item: told(first) });
        }
    }

    /** Accept a part of what is shown, and tell how much of the item is in the text by then. */
    async accept(part: "word" | "line"): Promise<void> {
        const before = this.last;
        let change: TextDocumentChangeEvent | undefined;
        const listening = workspace.onDidChangeTextDocument((event) => {
            change = event.document === before?.document ? event : change;
        });
        try {
            await commands.executeCommand(`editor.action.inlineSuggest.${ACCEPT[part]}`);
        } finally {
            listening.dispose();
        }
        if (before !== undefined && change !== undefined) {
            this.tellPart(before, change);
        }
    }

    /** Hide what is shown, and tell that it is not wanted. */
    async dismiss(): Promise<void> {
        const first = this.last?.items[0];
        this.last = undefined;
        await commands.executeCommand("editor.action.inlineSuggest.hide");
        if (first !== undefined) {
            this.notify("textDocument/didDismissCompletion", { item: told(first) });
        }
    }

    private tellPart({ document, items }: Given, event: TextDocumentChangeEvent): void {
        const last = event.contentChanges.at(-1);
        if (last === undefined) {
            return;
        }
        const end = document.positionAt(last.rangeOffset + last.text.length);
        const part = partTaken(
            items.map((item) => ({
                text: textOf(item),
                standing: document.getText(new Range(item.range?.start ?? last.range.start, end)),
            })),
        );
        const item = part === undefined ? undefined : items[part.index];
        if (part !== undefined && item !== undefined) {
            const params = { item: told(item), acceptedLength: part.length };
            this.notify("textDocument/didPartiallyAcceptCompletion", params);
        }
    }
}

function textOf(item: InlineCompletionItem): string {
    return typeof item.insertText === "string" ? item.insertText : item.insertText.value;
}

/** What the server needs of an item to know it again. */
function told(item: InlineCompletionItem): unknown {
    return { insertText: textOf(item), command: item.command };
}
