// Events are believed only where nobody but the program can have written them.
import { readFile } from 'node:fs/promises';

import {
    type Address,
    type Base58EncodedBytes,
    type Instruction,
    getBase58Decoder,
    getBase58Encoder,
} from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import {
    EVENT_CALL_TAG,
    EventUndecodableError,
    type TransactionWithInnerInstructions,
    claims,
    claimsEventSource,
    eventsIn,
    registry,
    registryEventSource,
} from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { freshSigner } from '../harness/keys';
import { registerOrganization, someIdentifier } from '../harness/organizations';
import { expectRefused } from '../harness/refused';

let chain: Chain;
let genuine: TransactionWithInnerInstructions;
let source: Awaited<ReturnType<typeof registryEventSource>>;
beforeAll(async () => {
    chain = await connect();
    source = await registryEventSource();
    const authority = await freshSigner();
    const { signature } = await chain.send([
        await registry.getRegisterOrganizationInstructionAsync({
            payer: chain.payer,
            id: authority,
            authority,
            kind: registry.OrganizationKind.Carrier,
            identifier: someIdentifier(),
        }),
    ]);
    const found = await chain.rpc
        .getTransaction(signature, { commitment: 'confirmed', encoding: 'json', maxSupportedTransactionVersion: 1 })
        .send();
    if (found === null) throw new Error('the transaction is gone');
    genuine = found;
});

type Inner = NonNullable<
    NonNullable<TransactionWithInnerInstructions['meta']>['innerInstructions']
>[number]['instructions'][number];

/** The genuine transaction with each self-call that carries an event changed by `change`. */
function forged(change: (inner: Inner, keys: readonly Address[]) => Inner): TransactionWithInnerInstructions {
    const keys = genuine.transaction.message.accountKeys;
    const tag = Buffer.from(EVENT_CALL_TAG, 'hex');
    const isEvent = ({ data }: Inner) => Buffer.from(getBase58Encoder().encode(data)).subarray(0, 8).equals(tag);
    const innerInstructions = (genuine.meta?.innerInstructions ?? []).map(({ index, instructions }) => ({
        index,
        instructions: instructions.map((inner) => (isEvent(inner) ? change(inner, keys) : inner)),
    }));
    return { ...genuine, meta: { err: null, ...genuine.meta, innerInstructions } };
}

const withBytes = (inner: Inner, change: (bytes: Buffer) => Buffer): Inner => ({
    ...inner,
    data: getBase58Decoder().decode(change(Buffer.from(getBase58Encoder().encode(inner.data)))) as Base58EncodedBytes,
});

describe('reading events', () => {
    test('the genuine one is read', () => {
        const events = eventsIn(genuine, source);
        expect(events.map(({ name }) => name)).toEqual(['OrganizationRegistered']);
        expect(events[0]).toMatchObject({ program: registry.REGISTRY_PROGRAM_ADDRESS, position: { instruction: 1 } });
        expect(
            eventsIn(
                forged((inner) => inner),
                source,
            ),
        ).toEqual(events);
    });

    test('one that another program was called with is not', () => {
        const system = (keys: readonly Address[]) => keys.indexOf('11111111111111111111111111111111' as Address);
        expect(
            eventsIn(
                forged((inner, keys) => ({ ...inner, programIdIndex: system(keys) })),
                source,
            ),
        ).toEqual([]);
    });

    test('one of another program of ours is not', async () => {
        expect(eventsIn(genuine, await claimsEventSource())).toEqual([]);
        const impostor = { ...(await claimsEventSource()), authority: source.authority };
        expect(eventsIn(genuine, impostor)).toEqual([]);
    });

    test('one whose account is not the event authority, or not it alone, is not', () => {
        expect(
            eventsIn(
                forged((inner) => ({ ...inner, accounts: [0] })),
                source,
            ),
        ).toEqual([]);
        expect(
            eventsIn(
                forged((inner) => ({ ...inner, accounts: [] })),
                source,
            ),
        ).toEqual([]);
        expect(
            eventsIn(
                forged((inner) => ({ ...inner, accounts: [...inner.accounts, 0] })),
                source,
            ),
        ).toEqual([]);
    });

    test('one without the tag of an event call is not', () => {
        expect(
            eventsIn(
                forged((inner) => withBytes(inner, (bytes) => bytes.subarray(8))),
                source,
            ),
        ).toEqual([]);
    });

    test('those of a failed transaction are not', () => {
        expect(
            eventsIn({ ...genuine, meta: { ...genuine.meta, err: { InstructionError: [1, 'Custom'] } } }, source),
        ).toEqual([]);
    });

    test.each([
        ['is cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
        ['has bytes left over', (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0)])],
        [
            'is unknown',
            (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 8), Buffer.alloc(8, 0xaa), bytes.subarray(16)]),
        ],
    ])('one that %s is an error, not silence', (_, change) => {
        expect(() =>
            eventsIn(
                forged((inner) => withBytes(inner, change)),
                source,
            ),
        ).toThrow(EventUndecodableError);
    });

    test.each([
        ['registry', registry.registryEvents],
        ['claims', claims.claimsEvents],
    ])('the table of %s knows every event of the IDL by its discriminator', async (program, table) => {
        const idl = JSON.parse(await readFile(new URL(`../../idls/${program}.json`, import.meta.url), 'utf8')) as {
            events: { name: string; discriminator: number[] }[];
        };
        const wanted = idl.events.map(({ name, discriminator }) => [Buffer.from(discriminator).toString('hex'), name]);
        expect(wanted.length).toBeGreaterThan(0);
        expect([...table].map(([discriminator, { name }]) => [discriminator, name]).sort()).toEqual(wanted.sort());
    });
});

describe('writing events', () => {
    test('is refused to everyone but the program: the event authority cannot be made to sign', async () => {
        const { address } = await registerOrganization(chain, registry.OrganizationKind.Carrier);
        const [authority] = await registry.findEventAuthorityPda();
        const event = registry
            .getAuthorityProposedEncoder()
            .encode({ organization: address, authority: address, proposed: null });
        const discriminator =
            [...registry.registryEvents].find(([, { name }]) => name === 'AuthorityProposed')?.[0] ?? '';
        const call = (account: Address): Instruction => ({
            programAddress: registry.REGISTRY_PROGRAM_ADDRESS,
            accounts: [{ address: account, role: 0 }],
            data: new Uint8Array([...Buffer.from(EVENT_CALL_TAG + discriminator, 'hex'), ...event]),
        });
        await expectRefused(chain.send([call(authority)]), 'ConstraintSigner');
        await expectRefused(chain.send([call(chain.payer.address)]), 'ConstraintSeeds');
    });
});
