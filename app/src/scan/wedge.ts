// Scanners that type. Their separator (GS, the character 0x1D) arrives as Ctrl+], which no text field takes: it is
// written as <GS>, which the rulebook reads too.
export const SEPARATOR = '<GS>';

/** What of a key press belongs to a code: a character, the separator, or nothing. */
export function typed(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'altKey' | 'metaKey'>): string | undefined {
    if (event.key === '\u001d' || (event.ctrlKey && event.key === ']')) return SEPARATOR;
    if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
    return event.key.length === 1 && event.key !== ' ' ? event.key : undefined;
}

/** Whether keys pressed here are somebody else's: a field, a list, or something that Enter or Space presses. */
export function isBusy(target: EventTarget | null): boolean {
    return target instanceof Element && target.closest('input, select, textarea, [contenteditable]') !== null;
}
