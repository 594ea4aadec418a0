// The languages of the page. `Words` is what English has: a language that leaves anything out does not compile.
import { en } from './en';
import { es } from './es';

export type Language = 'en' | 'es';
export type Words = typeof en;

export const LANGUAGES: Readonly<Record<Language, Words>> = { en, es };

/** A day, `YYYY-MM-DD`, as the language writes it. */
export function day(language: Language, text: string): string {
    return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(
        new Date(`${text}T00:00:00Z`),
    );
}

/** A Unix second as the language writes it, in the time of the place where the page is open. */
export function moment(language: Language, second: bigint): string {
    return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' }).format(
        new Date(Number(second) * 1000),
    );
}

/** Days since 1970-01-01 as `YYYY-MM-DD`. */
export function dateOfDays(days: number): string {
    return new Date(days * 86_400_000).toISOString().slice(0, 10);
}

/** Thousandths of a degree as the language writes degrees. */
export function degrees(language: Language, millicelsius: number): string {
    const options = { minimumFractionDigits: 1, maximumFractionDigits: 3 };
    return `${new Intl.NumberFormat(language, options).format(millicelsius / 1000)} °C`;
}
