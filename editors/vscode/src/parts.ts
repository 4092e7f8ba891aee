// How much of an item stands in the text after a part of it was accepted. Pure.

/**
 * Return the index of the item that is on its way and how much of it is there, in UTF-16 units.
 *
 * `standing` is what each item's place holds now, from the item's start to the end of what was put in;
 * undefined where no item is on its way.
 */
export function partTaken(
    items: readonly { readonly text: string; readonly standing: string }[],
): { index: number; length: number } | undefined {
    const standing = items.map((item) => item.standing.replaceAll("\r\n", "\n"));
    const index = items.findIndex((item, at) => {
        const text = standing[at] ?? "";
        return text !== "" && item.text.startsWith(text);
    });
    return index < 0 ? undefined : { index, length: (standing[index] ?? "").length };
}
