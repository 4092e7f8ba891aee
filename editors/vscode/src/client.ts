// The language client: starts the server, asks it for suggestions, hears how it is.

import {
    InlineCompletionTriggerKind,
    type CancellationToken,
    type InlineCompletionContext,
    type InlineCompletionItem,
    type InlineCompletionList,
    type Position,
    type ProviderResult,
    type TextDocument,
} from "vscode";
import {
    LanguageClient,
    RevealOutputChannelOn,
    type ConfigurationParams,
    type LanguageClientOptions,
    type Middleware,
    type WorkDoneProgressBegin,
    type WorkDoneProgressEnd,
    type WorkDoneProgressReport,
} from "vscode-languageclient/node";
import type { Command } from "./finding";
import type { Feedback } from "./feedback";
import { serverStatusOf, type ServerStatus } from "./health";
import { SECTION, offFor, settingsForServer } from "./settings";
import type { Typing } from "./typing";

const SCHEMES = ["file", "untitled"];

type Answer = InlineCompletionItem[] | InlineCompletionList;

/** Who is told how the server is. */
export interface Observer {
    /** The server says how it is. */
    status(status: ServerStatus): void;
    /** Loading is so far; undefined when it is over. */
    loading(percent: number | undefined): void;
    /** So many requests are open. */
    working(requests: number): void;
}

/** Who hears of what the editor is given. */
export interface Listeners {
    readonly feedback: Feedback;
    readonly typing: Typing;
}

/** A client for this command, not started. */
export function clientFor(command: Command, observer: Observer, listeners: Listeners): LanguageClient {
    const server = { command: command.executable, args: [...command.prefix, "lsp"] };
    const client = new LanguageClient("paceline", "paceline", server, options(observer, listeners));
    client.onNotification("didChangeStatus", (params: unknown) => {
        const status = serverStatusOf(params);
        if (status !== undefined) {
            observer.status(status);
        }
    });
    return client;
}

function options(observer: Observer, listeners: Listeners): LanguageClientOptions {
    return {
        documentSelector: SCHEMES.map((scheme) => ({ scheme })),
        initializationOptions: settingsForServer,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        middleware: {
            ...suggesting(observer, listeners),
            handleWorkDoneProgress: (_, params): void => {
                observer.loading(percentOf(params));
            },
            workspace: {
                configuration: (params: ConfigurationParams): unknown[] =>
                    params.items.map(({ section }) => (section === SECTION ? settingsForServer() : null)),
            },
        },
    };
}

/** Ask the server where suggestions are wanted, count what is open, and remember what came. */
function suggesting(
    observer: Observer,
    { feedback, typing }: Listeners,
): Pick<Middleware, "provideInlineCompletionItems"> {
    let open = 0;
    return {
        async provideInlineCompletionItems(
            document: TextDocument,
            position: Position,
            context: InlineCompletionContext,
            token: CancellationToken,
            next: (
                document: TextDocument,
                position: Position,
                context: InlineCompletionContext,
                token: CancellationToken,
            ) => ProviderResult<Answer>,
        ): Promise<Answer | null | undefined> {
            if (offFor(document.languageId) !== undefined) {
                return null;
            }
            const asked = typing.isOurs(document)
                ? { ...context, triggerKind: InlineCompletionTriggerKind.Automatic }
                : context;
            observer.working(++open);
            try {
                const answer = await next(document, position, asked, token);
                const items = itemsOf(answer);
                if (!token.isCancellationRequested && items.length > 0) {
                    typing.answered(document);
                    feedback.given(document, position, items);
                }
                return answer;
            } finally {
                observer.working(--open);
            }
        },
    };
}

function itemsOf(answer: Answer | null | undefined): InlineCompletionItem[] {
    return Array.isArray(answer) ? answer : (answer?.items ?? []);
}

function percentOf(
    progress: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd,
): number | undefined {
    return progress.kind === "end" ? undefined : (progress.percentage ?? 0);
}
