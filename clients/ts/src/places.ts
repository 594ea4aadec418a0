// Addresses of what is recorded at the places of a batch's tree. They are derived from a text rather than from the seeds
// that the IDL knows, so that they are written by hand: see docs/decisions/0014.
import { type Address, type ReadonlyUint8Array, createAddressWithSeed } from '@solana/kit';

import { PROVENANCE_PROGRAM_ADDRESS } from './generated/provenance';

/** Levels of packaging, from the pack up; the numbers are those of the program. */
export enum Level {
    Pack = 0,
    Case = 1,
    Pallet = 2,
    Batch = 3,
}

/** A place in the tree: the `index`-th of its level, counted with the padding. */
export type PlaceInTree = { readonly level: Level; readonly index: bigint };

/** How many fit into what, each the exponent of a power of two: packs in a case, cases in a pallet, pallets in the batch. */
export type TreeLayout = readonly [number, number, number];

/** What can be recorded at a place. */
export type RecordKind = 'node' | 'dispense' | 'shipment' | 'monitor' | 'scan' | 'recoupment';

const TAGS: Readonly<Record<RecordKind, string>> = {
    node: 'n',
    dispense: 'd',
    shipment: 's',
    monitor: 'm',
    scan: 'r',
    recoupment: 'q',
};

const digits = (number: bigint) => number.toString(16).padStart(10, '0');

/** The address of a record of `batch` at a place, whether there is one or not. */
export function recordAddress(
    batch: Address,
    kind: RecordKind,
    { level, index }: PlaceInTree,
    program: Address = PROVENANCE_PROGRAM_ADDRESS,
): Promise<Address> {
    const seed = `${TAGS[kind]}${level}${digits(index)}`;
    return createAddressWithSeed({ baseAddress: batch, programAddress: program, seed });
}

/** The address of page `number` of `batch`. */
export function pageAddress(
    batch: Address,
    number: bigint,
    program: Address = PROVENANCE_PROGRAM_ADDRESS,
): Promise<Address> {
    return createAddressWithSeed({ baseAddress: batch, programAddress: program, seed: `p0${digits(number)}` });
}

/** The place itself and all that contain it, up to the batch. */
export function pathOf([packs, cases, pallets]: TreeLayout, { level, index }: PlaceInTree): PlaceInTree[] {
    const heights = [0, packs, packs + cases, packs + cases + pallets] as const;
    const own = BigInt(heights[level]);
    return [Level.Pack, Level.Case, Level.Pallet, Level.Batch]
        .filter((above) => above >= level)
        .map((above) => ({ level: above, index: index >> (BigInt(heights[above]) - own) }));
}

/** Where the bits of a page begin in its account, in bytes. */
const PAGE_BITS = 144;

/** Whether the pack at `index` is marked as dispensed on its page; `data` is all of the page's account. */
export function isMarked(data: ReadonlyUint8Array, pageHeight: number, index: bigint): boolean {
    const within = Number(index & ((1n << BigInt(pageHeight)) - 1n));
    const bits = data[PAGE_BITS + (within >> 3)];
    if (bits === undefined) throw new RangeError(`the page has no bit for the pack ${index}`);
    return (bits & (1 << (within & 7))) !== 0;
}
