// The status bar item and its hover.

import { MarkdownString, StatusBarAlignment, ThemeColor, window, type Disposable } from "vscode";
import { linesOf, type Figures } from "./figures";
import { BEGINNING, lookOf, type Health } from "./health";

const WORKING_SHOWN_AFTER_MS = 250; // an answer that comes sooner changes nothing in the bar

/** Shows how paceline is. */
export class StatusBar implements Disposable {
    private readonly item = window.createStatusBarItem("paceline.status", StatusBarAlignment.Right, 100);
    private health = BEGINNING;
    private figures: Figures | undefined;
    private working: NodeJS.Timeout | undefined;

    constructor() {
        this.item.name = "paceline";
        this.item.command = "paceline.menu";
        this.draw();
        this.item.show();
    }

    /** Take note of a change. */
    update(change: Partial<Health>): void {
        this.health = { ...this.health, ...change };
        this.draw();
    }

    /** Requests are open or not; it shows when they are for a while. */
    setWorking(isWorking: boolean): void {
        if (!isWorking) {
            clearTimeout(this.working);
            this.working = undefined;
            if (this.health.working) {
                this.update({ working: false });
            }
            return;
        }
        this.working ??= setTimeout(() => {
            this.update({ working: true });
        }, WORKING_SHOWN_AFTER_MS);
    }

    /** Show these figures in the hover. */
    setFigures(figures: Figures | undefined): void {
        this.figures = figures;
        this.draw();
    }

    dispose(): void {
        clearTimeout(this.working);
        this.item.dispose();
    }

    private draw(): void {
        const { text, sentence, colour } = lookOf(this.health);
        this.item.text = text;
        this.item.backgroundColor =
            colour === undefined ? undefined : new ThemeColor(`statusBarItem.${colour}Background`);
        this.item.tooltip = this.hover(sentence);
        this.item.accessibilityInformation = { label: `paceline: ${sentence}` };
    }

    private hover(sentence: string): MarkdownString {
        const hover = new MarkdownString("**paceline** · ").appendText(sentence);
        const lines = this.figures === undefined ? [] : linesOf(this.figures);
        if (lines.length > 0) {
            hover.appendMarkdown("\n\n| | |\n|---|---|\n");
            for (const [name, value] of lines) {
                hover.appendMarkdown(`| ${name} | `).appendText(value.replaceAll("|", "/"));
                hover.appendMarkdown(" |\n");
            }
        }
        return hover;
    }
}
