// An organisation in a sentence: its address, short to the eye and whole to whoever asks.
import type { Address } from '@solana/kit';

export function short(address: Address): string {
    return `${address.slice(0, 4)}…${address.slice(-4)}`;
}

export function Who({ say, who }: { readonly say: (who: string) => string; readonly who: Address }) {
    return <span title={who}>{say(short(who))}</span>;
}
