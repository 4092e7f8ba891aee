// The document that shows what the last suggestion was made of.

import { EventEmitter, Range, Uri, window, workspace, type TextDocumentContentProvider } from "vscode";
import { ORIGINS, type Explained, type Origin } from "./explained";

const SCHEME = "paceline-explained";
const PLACE = Uri.from({ scheme: SCHEME, path: "The last suggestion" });

// translucent, so that they do on dark and on light themes
const COLOURS: Readonly<Record<Origin, string>> = {
    draft: "rgba(46, 160, 67, 0.45)",
    lookup: "rgba(30, 144, 200, 0.45)",
    replay: "rgba(150, 90, 200, 0.45)",
    target: "rgba(200, 160, 30, 0.45)",
};

/** Holds the last explanation that was asked for. */
export class Explanation implements TextDocumentContentProvider {
    private readonly changed = new EventEmitter<Uri>();
    private readonly registered = workspace.registerTextDocumentContentProvider(SCHEME, this);
    private readonly paints = ORIGINS.map((origin) => ({
        origin,
        type: window.createTextEditorDecorationType({ backgroundColor: COLOURS[origin] }),
    }));
    private content = "";

    readonly onDidChange = this.changed.event;

    provideTextDocumentContent(): string {
        return this.content;
    }

    /** Open it beside what is edited. */
    async show({ text, pieces }: Explained): Promise<void> {
        this.content = text;
        const document = await workspace.openTextDocument(PLACE);
        if (document.getText() !== text) {
            await this.refreshed(text);
        }
        const editor = await window.showTextDocument(document, { preview: true, preserveFocus: false });
        for (const { origin, type } of this.paints) {
            const ranges = pieces
                .filter((piece) => piece.origin === origin)
                .map(({ start, end }) => new Range(document.positionAt(start), document.positionAt(end)));
            editor.setDecorations(type, ranges);
        }
    }

    dispose(): void {
        this.registered.dispose();
        this.changed.dispose();
        for (const { type } of this.paints) {
            type.dispose();
        }
    }

    /** Have the document, open since an earlier explanation, take this text. */
    private refreshed(text: string): Promise<void> {
        return new Promise((resolve) => {
            const listening = workspace.onDidChangeTextDocument(({ document }) => {
                if (document.uri.scheme === SCHEME && document.getText() === text) {
                    listening.dispose();
                    resolve();
                }
            });
            this.changed.fire(PLACE);
        });
    }
}
