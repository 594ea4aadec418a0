// Events of Galen's programs, read from a confirmed transaction.
//
// A program emits an event by calling itself with the event as instruction data, signed by its event authority, an
// address for which nobody else can sign. An event is therefore believed only where all of this holds: the transaction
// succeeded, the instruction is an inner one, it calls the program itself, and its only account is the event authority.
// Log lines (`Program data: …`) are not looked at: any program can print them.
import {
    type Address,
    type Base58EncodedBytes,
    type Decoder,
    type GetTransactionApi,
    type ReadonlyUint8Array,
    type Rpc,
    type Signature,
    getBase16Decoder,
    getBase58Encoder,
} from '@solana/kit';

import {
    CLAIMS_PROGRAM_ADDRESS,
    type ClaimsEvent,
    claimsEvents,
    findEventAuthorityPda as claimsEventAuthority,
} from './generated/claims';
import {
    PROVENANCE_PROGRAM_ADDRESS,
    type ProvenanceEvent,
    findEventAuthorityPda as provenanceEventAuthority,
    provenanceEvents,
} from './generated/provenance';
import {
    REGISTRY_PROGRAM_ADDRESS,
    type RegistryEvent,
    findEventAuthorityPda as registryEventAuthority,
    registryEvents,
} from './generated/registry';
import {
    TRIALS_PROGRAM_ADDRESS,
    type TrialsEvent,
    findEventAuthorityPda as trialsEventAuthority,
    trialsEvents,
} from './generated/trials';

/** First eight bytes of the data of every self-call that emits an event. */
export const EVENT_CALL_TAG = 'e445a52e51cb9a1d';

/** Where in its transaction an event was emitted: index of the outer instruction, and position among its inner ones. */
export type EventPosition = { readonly instruction: number; readonly inner: number };

/** An event with its place in the transaction and the program that emitted it. */
export type Emitted<TEvent> = TEvent & { readonly program: Address; readonly position: EventPosition };

/** What is needed to know a program's events: its address, its event authority, its decoders by discriminator. */
export type EventSource<TEvent extends { readonly name: string; readonly data: unknown }> = {
    readonly program: Address;
    readonly authority: Address;
    readonly events: ReadonlyMap<string, { readonly name: TEvent['name']; readonly decoder: Decoder<TEvent['data']> }>;
};

/** The part of a `getTransaction` answer (encoding `json`) that events are read from. */
export type TransactionWithInnerInstructions = {
    readonly transaction: { readonly message: { readonly accountKeys: readonly Address[] } };
    readonly meta: {
        readonly err: unknown;
        readonly loadedAddresses?: { readonly writable: readonly Address[]; readonly readonly: readonly Address[] };
        readonly innerInstructions?:
            | readonly {
                  readonly index: number;
                  readonly instructions: readonly {
                      readonly programIdIndex: number;
                      readonly accounts: readonly number[];
                      readonly data: Base58EncodedBytes;
                  }[];
              }[]
            | null;
    } | null;
};

/** The self-call is the program's own, but its event is none that this client knows or does not decode exactly. */
export class EventUndecodableError extends Error {
    override readonly name = 'EventUndecodableError';

    constructor(
        readonly program: Address,
        readonly position: EventPosition,
        reason: string,
    ) {
        super(
            `${program} emitted an event that this client cannot read (${reason}): ` +
                'the program is newer than the client; generate the client from its IDL again',
        );
    }
}

/** The claims program at the address that the client was generated for, or at `program`. */
export async function claimsEventSource(program: Address = CLAIMS_PROGRAM_ADDRESS): Promise<EventSource<ClaimsEvent>> {
    const [authority] = await claimsEventAuthority({ programAddress: program });
    return { program, authority, events: claimsEvents };
}

/** The provenance program at the address that the client was generated for, or at `program`. */
export async function provenanceEventSource(
    program: Address = PROVENANCE_PROGRAM_ADDRESS,
): Promise<EventSource<ProvenanceEvent>> {
    const [authority] = await provenanceEventAuthority({ programAddress: program });
    return { program, authority, events: provenanceEvents };
}

/** The registry program at the address that the client was generated for, or at `program`. */
export async function registryEventSource(
    program: Address = REGISTRY_PROGRAM_ADDRESS,
): Promise<EventSource<RegistryEvent>> {
    const [authority] = await registryEventAuthority({ programAddress: program });
    return { program, authority, events: registryEvents };
}

/** The trials program at the address that the client was generated for, or at `program`. */
export async function trialsEventSource(program: Address = TRIALS_PROGRAM_ADDRESS): Promise<EventSource<TrialsEvent>> {
    const [authority] = await trialsEventAuthority({ programAddress: program });
    return { program, authority, events: trialsEvents };
}

/**
 * The events that `source`'s program emitted in `transaction`, in order. A failed transaction has none, whatever its
 * inner instructions say.
 *
 * @throws {EventUndecodableError} when the program emitted something that this client cannot read
 */
export function eventsIn<TEvent extends { readonly name: string; readonly data: unknown }>(
    transaction: TransactionWithInnerInstructions,
    source: EventSource<TEvent>,
): Emitted<TEvent>[] {
    const { meta } = transaction;
    if (meta === null || meta.err !== null) return [];
    const keys = [
        ...transaction.transaction.message.accountKeys,
        ...(meta.loadedAddresses?.writable ?? []),
        ...(meta.loadedAddresses?.readonly ?? []),
    ];
    return (meta.innerInstructions ?? []).flatMap(({ index, instructions }) =>
        instructions.flatMap(({ programIdIndex, accounts, data }, inner) => {
            const [account, ...others] = accounts.map((key) => keys[key]);
            if (keys[programIdIndex] !== source.program || account !== source.authority || others.length > 0) return [];
            const bytes = getBase58Encoder().encode(data);
            if (hex(bytes.slice(0, 8)) !== EVENT_CALL_TAG) return [];
            return [decode(bytes.slice(8), source, { instruction: index, inner })];
        }),
    );
}

/** The events that `source`'s program emitted in the confirmed transaction `signature`, in order. */
export async function fetchEvents<TEvent extends { readonly name: string; readonly data: unknown }>(
    rpc: Rpc<GetTransactionApi>,
    signature: Signature,
    source: EventSource<TEvent>,
): Promise<Emitted<TEvent>[]> {
    const transaction = await rpc
        .getTransaction(signature, { commitment: 'confirmed', encoding: 'json', maxSupportedTransactionVersion: 1 })
        .send();
    if (transaction === null)
        throw new Error(`the transaction ${signature} is not known to this node; is it confirmed?`);
    return eventsIn(transaction, source);
}

function decode<TEvent extends { readonly name: string; readonly data: unknown }>(
    bytes: ReadonlyUint8Array,
    source: EventSource<TEvent>,
    position: EventPosition,
): Emitted<TEvent> {
    const discriminator = hex(bytes.slice(0, 8));
    const event = source.events.get(discriminator);
    if (event === undefined)
        throw new EventUndecodableError(source.program, position, `unknown discriminator ${discriminator}`);
    let decoded: readonly [TEvent['data'], number];
    try {
        decoded = event.decoder.read(bytes, 8);
    } catch (error) {
        throw new EventUndecodableError(source.program, position, `${event.name}: ${(error as Error).message}`);
    }
    const [data, end] = decoded;
    if (end !== bytes.length) {
        throw new EventUndecodableError(
            source.program,
            position,
            `${event.name}: ${bytes.length - end} bytes left over`,
        );
    }
    return { name: event.name, data, program: source.program, position } as unknown as Emitted<TEvent>;
}

function hex(bytes: ReadonlyUint8Array): string {
    return getBase16Decoder().decode(bytes);
}
