// The way of a pack so far: what the ledger's events say of its pack, case, pallet and batch, oldest first.
import { type Address, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR, type Signature, isSolanaError } from '@solana/kit';

import {
    EventUndecodableError,
    Level,
    type PlaceInTree,
    eventsIn,
    provenance,
    provenanceEventSource,
    recordAddress,
} from '../../../clients/ts/src';
import { type LedgerRpc, asked } from './accounts';
import type { Pack } from './pack';

/** Transactions that are looked at for each record. The records of a batch and a pallet have those of all their packs. */
const MOST = 40;

/** A step of the way. */
export type Step = {
    /** Unix second; none where the node does not say. */
    readonly at: bigint | undefined;
    readonly level: Level;
    readonly signature: Signature | undefined;
} & (
    | { readonly kind: 'registered'; readonly by: Address }
    | { readonly kind: 'offered' | 'accepted' | 'ended'; readonly from: Address; readonly to: Address }
    | { readonly kind: 'status'; readonly by: Address; readonly status: number }
    | { readonly kind: 'recalled'; readonly by: Address; readonly class: number }
    | { readonly kind: 'recall_lifted'; readonly by: Address }
    | { readonly kind: 'dispensed' | 'undone' | 'handed_out' | 'reserved'; readonly by: Address }
    | { readonly kind: 'excursion' | 'released' | 'condemned'; readonly by: Address }
    | { readonly kind: 'filled'; readonly by: Address; readonly units: number }
    /** A transaction that names one of its records, of a form that the node does not tell or this page does not know: anybody can send one,
     * and what it says of the pack, if anything, is missing here. */
    | { readonly kind: 'unreadable' }
);

export type Journey = {
    readonly steps: readonly Step[];
    /** Whether older transactions of a record were not looked at. */
    readonly isCut: boolean;
};

/** Reads the way of a pack. */
export async function journeyOf(rpc: LedgerRpc, pack: Pack): Promise<Journey> {
    const records = await Promise.all(
        pack.path.flatMap((place) =>
            (['node', 'dispense', 'shipment'] as const)
                .filter((kind) => kind !== 'dispense' || place.level !== Level.Batch)
                .map(async (kind) => ({
                    level: place.level,
                    address: await recordAddress(pack.batchAddress, kind, place),
                })),
        ),
    );
    const lists = await Promise.all(
        records.map(({ address }) =>
            asked(rpc.getSignaturesForAddress(address, { commitment: 'confirmed', limit: MOST }).send()),
        ),
    );
    // Each once, with the deepest of the records that it names.
    const good = new Map<Signature, { readonly level: Level; readonly at: bigint | undefined }>();
    for (const [place, list] of lists.entries()) {
        for (const { signature, err, blockTime } of list) {
            const level = records[place]?.level;
            if (err !== null || level === undefined || good.has(signature)) continue;
            good.set(signature, { level, at: blockTime === null ? undefined : BigInt(blockTime) });
        }
    }
    const source = await provenanceEventSource();
    const steps: Step[] = [
        {
            kind: 'registered',
            at: pack.batch.registeredAt,
            level: Level.Batch,
            by: pack.batch.manufacturer,
            signature: undefined,
        },
    ];
    for (const [signature, { level, at }] of good) {
        const events = await eventsOf(rpc, signature, source);
        if (!events) steps.push({ kind: 'unreadable', at, level, signature });
        for (const event of events ?? []) {
            const step = stepOf(event, pack, at, signature);
            if (step) steps.push(step);
        }
    }
    // Stable: what happened within one second keeps the order of the ledger, which lists the newest first.
    const [first, ...rest] = steps;
    const later = rest.reverse().sort((a, b) => Number((a.at ?? 0n) - (b.at ?? 0n)));
    return { steps: first ? [first, ...later] : later, isCut: lists.some((list) => list.length === MOST) };
}

/** What the program has told in a transaction; none where it cannot be read. That the node does not answer is no fault of the transaction. */
async function eventsOf(
    rpc: LedgerRpc,
    signature: Signature,
    source: Awaited<ReturnType<typeof provenanceEventSource>>,
): Promise<readonly provenance.ProvenanceEvent[] | undefined> {
    const form = { commitment: 'confirmed', encoding: 'json', maxSupportedTransactionVersion: 1 } as const;
    try {
        const transaction = await rpc.getTransaction(signature, form).send();
        return transaction === null ? undefined : eventsIn(transaction, source);
    } catch (error) {
        if (error instanceof EventUndecodableError) return undefined;
        if (isSolanaError(error) && !isSolanaError(error, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR)) return undefined;
        return asked(Promise.reject(error));
    }
}

type Place = { readonly level: Level; readonly index: bigint };

function stepOf(
    event: provenance.ProvenanceEvent,
    pack: Pack,
    at: bigint | undefined,
    signature: Signature,
): Step | undefined {
    const data = event.data as { readonly batch?: Address };
    if (data.batch !== pack.batchAddress) return undefined;
    const on = (place: Place) => isOnPath(pack.path, place);
    const step = (level: Level, told: object, when = at) => ({ ...told, at: when, level, signature }) as Step;
    switch (event.name) {
        case 'ShipmentOffered':
        case 'ShipmentAccepted':
        case 'ShipmentEnded': {
            const { sender: from, recipient: to } = event.data;
            const place = placeOf(event.data.place);
            const kind = { ShipmentOffered: 'offered', ShipmentAccepted: 'accepted', ShipmentEnded: 'ended' } as const;
            return on(place) ? step(place.level, { kind: kind[event.name], from, to }) : undefined;
        }
        case 'StatusSet': {
            const place = placeOf(event.data.place);
            const { organization: by, new: status } = event.data;
            return on(place) ? step(place.level, { kind: 'status', by, status }) : undefined;
        }
        case 'RecallIssued': {
            const place = placeOf(event.data.place);
            const { issuer: by, class: grade, issuedAt } = event.data.recall;
            return on(place) ? step(place.level, { kind: 'recalled', by, class: grade }, issuedAt) : undefined;
        }
        case 'RecallLifted': {
            const place = placeOf(event.data.place);
            return on(place) ? step(place.level, { kind: 'recall_lifted', by: event.data.issuer }) : undefined;
        }
        case 'PackDispensed':
        case 'PackReserved':
        case 'PackFilled': {
            const { index, pharmacy: by } = event.data;
            if (!on({ level: Level.Pack, index })) return undefined;
            if (event.name === 'PackFilled') return step(Level.Pack, { kind: 'filled', by, units: event.data.units });
            return step(Level.Pack, { kind: event.name === 'PackDispensed' ? 'dispensed' : 'reserved', by });
        }
        case 'SubtreeDispensed':
        case 'DispenseUndone': {
            const place = placeOf(event.data.place);
            const kind = event.name === 'DispenseUndone' ? 'undone' : 'dispensed';
            return on(place) ? step(place.level, { kind, by: event.data.pharmacy }) : undefined;
        }
        case 'HandedOut': {
            const { level, index, pharmacy: by } = event.data;
            return on({ level, index }) ? step(level, { kind: 'handed_out', by }) : undefined;
        }
        case 'ExcursionFound': {
            const place = placeOf(event.data.place);
            return on(place) ? step(place.level, { kind: 'excursion', by: event.data.custodian }) : undefined;
        }
        case 'ExcursionAssessed': {
            const place = placeOf(event.data.place);
            const { organization: by, isReleased } = event.data;
            return on(place) ? step(place.level, { kind: isReleased ? 'released' : 'condemned', by }) : undefined;
        }
        default:
            return undefined;
    }
}

const placeOf = ({ level, index }: provenance.Place): Place => ({ level: level as number as Level, index });

function isOnPath(path: readonly PlaceInTree[], { level, index }: Place): boolean {
    return path.some((place) => place.level === level && place.index === index);
}
