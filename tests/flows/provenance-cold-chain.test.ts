// A device reads how warm a case is and signs it; what it reads sets the case aside by itself, and quality alone releases it.
import { createHash } from 'node:crypto';

import { type KeyPairSigner, getAddressEncoder, getI64Encoder, getU64Encoder } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import { Level, fetchEvents, provenance, provenanceEventSource, recordAddress } from '../../clients/ts/src';
import { type Chain, until } from '../harness/chain';
import { connect } from '../harness/connect';
import { freshSigner } from '../harness/keys';
import { type Packs, asArgument, createPacks, dispense, handOver, nodesOf, readNode } from '../harness/packs';
import { expectRefused } from '../harness/refused';
import { signedMessage } from '../harness/signed';

/** USP <659>: 2 to 8 degrees. */
const STORAGE_COLD = 2;
const firstCase = { level: Level.Case, index: 0n };
const confirmed = { commitment: 'confirmed' } as const;

let chain: Chain;
let packs: Packs;
let device: KeyPairSigner;

const monitor = () => recordAddress(packs.batch, 'monitor', firstCase);
const watch = async () => (await provenance.fetchMonitor(chain.rpc, await monitor(), confirmed)).data;

/** The bytes that the device signs: see `galen readings` in the program's `Report::message`. */
function messageOf(report: provenance.ReportLike, registeredAt: bigint): Uint8Array {
    const hash = createHash('sha256');
    hash.update('galen readings');
    hash.update(getAddressEncoder().encode(packs.batch) as Uint8Array);
    hash.update(new Uint8Array([firstCase.level]));
    hash.update(getU64Encoder().encode(firstCase.index) as Uint8Array);
    hash.update(getAddressEncoder().encode(device.address) as Uint8Array);
    hash.update(getI64Encoder().encode(registeredAt) as Uint8Array);
    hash.update(provenance.getReportEncoder().encode(report) as Uint8Array);
    return new Uint8Array(hash.digest());
}

/** A report of readings of a second each, signed: the two instructions of its transaction. */
async function record(millicelsius: readonly number[], by: KeyPairSigner = device) {
    const { sequence, head, coveredUntil, registeredAt } = await watch();
    const report = {
        sequence: sequence + 1,
        previous: head,
        from: coveredUntil,
        readings: millicelsius.map((one) => ({ seconds: 1, millicelsius: one })),
    };
    // A device cannot have read what is yet to come.
    const end = coveredUntil + BigInt(millicelsius.length);
    await until('the readings to be over', async () => (await chain.now()) >= end);
    return [
        await signedMessage(by, messageOf(report, registeredAt)),
        await provenance.getRecordReadingsInstructionAsync({
            ...(await nodesOf(packs, firstCase)),
            batch: packs.batch,
            monitor: await monitor(),
            place: asArgument(firstCase),
            report,
        }),
    ];
}

describe('a case that is to be kept cold', () => {
    beforeAll(async () => {
        chain = await connect();
        packs = await createPacks(chain, { storage: STORAGE_COLD });
        device = await freshSigner();
        await handOver(chain, packs, { level: Level.Pallet, index: 0n }, packs.maker, packs.wholesaler);
        await handOver(chain, packs, firstCase, packs.wholesaler, packs.pharmacy);
        await chain.send([
            await provenance.getRegisterDeviceInstructionAsync({
                ...(await nodesOf(packs, firstCase)),
                operator: packs.pharmacy.staff,
                operatorRecord: packs.pharmacy.staffRecord,
                organization: packs.pharmacy.address,
                batch: packs.batch,
                monitor: await monitor(),
                place: asArgument(firstCase),
                device: device.address,
            }),
        ]);
    });

    test('is sellable while its device reads what it should', async () => {
        await chain.send(await record([5_000, 4_500]));
        expect(await watch()).toMatchObject({ sequence: 1, least: 4_500, greatest: 5_000, verdict: 0 });
        await chain.send([await dispense(packs, 0, packs.pharmacy)]);
    });

    test('is not set aside by a stranger, nor by readings that nobody signed', async () => {
        const [verification, readings] = await record([-20_000], await freshSigner());
        if (verification === undefined || readings === undefined) throw new Error('two instructions');
        await expectRefused(chain.send([verification, readings]), 'ReadingsSignerMismatch');
        await expectRefused(chain.send([readings]), 'ReadingsSignatureMissing');
    });

    test('sets itself aside when it freezes', async () => {
        const { signature } = await chain.send(await record([-1_500]));
        const events = await fetchEvents(chain.rpc, signature, await provenanceEventSource());
        expect(events.map(({ name }) => name)).toEqual(['ExcursionFound']);
        expect(await watch()).toMatchObject({ sequence: 2, least: -1_500 });
        expect((await watch()).verdict).toBeGreaterThan(1);
        await expectRefused(chain.send([await dispense(packs, 1, packs.pharmacy)]), 'NotSellable');
        // What was dispensed before stays so.
        await expectRefused(chain.send([await dispense(packs, 0, packs.pharmacy)]), 'AlreadyDispensed');
    });

    test('is released by quality, and not by the pharmacy', async () => {
        const assess = async (by: Packs['regulator']) =>
            provenance.getAssessExcursionInstructionAsync({
                ...(await nodesOf(packs, firstCase)),
                operator: by.staff,
                operatorRecord: by.staffRecord,
                organization: by.address,
                batch: packs.batch,
                monitor: await monitor(),
                place: asArgument(firstCase),
                isReleased: true,
                assessment: new Uint8Array(32).fill(7),
            });
        await expectRefused(chain.send([await assess(packs.pharmacy)]), 'NotARegulator');
        await chain.send([await assess(packs.regulator)]);
        expect(await watch()).toMatchObject({ releases: 1, verdict: 0 });
        expect((await readNode(chain, packs, firstCase)).custodian).toBe(packs.pharmacy.address);
        await chain.send([await dispense(packs, 1, packs.pharmacy)]);
    });
});
