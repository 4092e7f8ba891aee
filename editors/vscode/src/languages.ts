// In which languages there are suggestions. Pure.

/** Return the disabled languages with `language` put in, or taken out where it was in. */
export function toggled(disabled: readonly string[], language: string): string[] {
    return disabled.includes(language)
        ? disabled.filter((other) => other !== language)
        : [...disabled, language].sort();
}
