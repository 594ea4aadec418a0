// A device reads how warm a case is and signs it; what it reads sets the case aside by itself, and quality alone releases it.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { Level, fetchEvents, provenance, provenanceEventSource } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { type Watched, monitorOf, readMonitor, register, report } from '../harness/devices';
import { freshSigner } from '../harness/keys';
import { type Packs, Status, asArgument, createPacks, dispense, handOver, nodesOf, readNode } from '../harness/packs';
import { expectRefused } from '../harness/refused';

/** USP <659>: 2 to 8 degrees. */
const STORAGE_COLD = 2;
const DAY_SECONDS = 86_400;
const place = { level: Level.Case, index: 0n };

let chain: Chain;
let packs: Packs;
let watched: Watched;

describe('a case that is to be kept cold', () => {
    beforeAll(async () => {
        chain = await connect();
        packs = await createPacks(chain, { storage: STORAGE_COLD });
        watched = { packs, place, device: await freshSigner() };
        await handOver(chain, packs, { level: Level.Pallet, index: 0n }, packs.maker, packs.wholesaler);
        await handOver(chain, packs, place, packs.wholesaler, packs.pharmacy);
        await register(chain, watched, packs.pharmacy);
    });

    test('is sellable while its device reads what it should', async () => {
        await chain.send(await report(chain, watched, [5_000, 4_500]));
        expect(await readMonitor(chain, watched)).toMatchObject({
            sequence: 1,
            least: 4_500,
            greatest: 5_000,
            verdict: 0,
        });
        await chain.send([await dispense(packs, 0, packs.pharmacy)]);
    });

    test('is not set aside by a stranger, nor by readings that nobody signed', async () => {
        const [verification, readings] = await report(chain, watched, [-20_000], await freshSigner());
        await expectRefused(chain.send([verification, readings]), 'ReadingsSignerMismatch');
        await expectRefused(chain.send([readings]), 'ReadingsSignatureMissing');
    });

    test('sets itself aside when it freezes', async () => {
        const { signature } = await chain.send(await report(chain, watched, [-1_500]));
        const events = await fetchEvents(chain.rpc, signature, await provenanceEventSource());
        expect(events.map(({ name }) => name)).toEqual(['ExcursionFound']);
        const monitor = await readMonitor(chain, watched);
        expect(monitor).toMatchObject({ sequence: 2, least: -1_500 });
        expect(monitor.verdict).toBeGreaterThan(1);
        await expectRefused(chain.send([await dispense(packs, 1, packs.pharmacy)]), 'NotSellable');
        // What was dispensed before stays so.
        await expectRefused(chain.send([await dispense(packs, 0, packs.pharmacy)]), 'AlreadyDispensed');
    });

    test('is released by quality, and not by the pharmacy', async () => {
        const assess = async (by: Packs['regulator']) =>
            provenance.getAssessExcursionInstructionAsync({
                ...(await nodesOf(packs, place)),
                operator: by.staff,
                operatorRecord: by.staffRecord,
                organization: by.address,
                batch: packs.batch,
                monitor: await monitorOf(watched),
                place: asArgument(place),
                isReleased: true,
                assessment: new Uint8Array(32).fill(7),
            });
        await expectRefused(chain.send([await assess(packs.pharmacy)]), 'NotARegulator');
        await chain.send([await assess(packs.regulator)]);
        expect(await readMonitor(chain, watched)).toMatchObject({ releases: 1, verdict: 0 });
        expect((await readNode(chain, packs, place)).custodian).toBe(packs.pharmacy.address);
        await chain.send([await dispense(packs, 1, packs.pharmacy)]);
    });
});

describe('the watch over a case', () => {
    const end = async (by: Packs['wholesaler']) =>
        provenance.getEndMonitoringInstructionAsync({
            ...(await nodesOf(packs, place)),
            operator: by.staff,
            operatorRecord: by.staffRecord,
            organization: by.address,
            batch: packs.batch,
            monitor: await monitorOf(watched),
            payer: packs.pharmacy.staff.address,
            place: asArgument(place),
        });
    const countSilence = async () =>
        chain.send([
            await provenance.getCountSilenceInstructionAsync({
                ...(await nodesOf(packs, place)),
                batch: packs.batch,
                monitor: await monitorOf(watched),
                place: asArgument(place),
            }),
        ]);

    beforeEach(async () => {
        chain = await connect();
        packs = await createPacks(chain, { storage: STORAGE_COLD });
        watched = { packs, place, device: await freshSigner() };
        await handOver(chain, packs, { level: Level.Pallet, index: 0n }, packs.maker, packs.wholesaler);
        await handOver(chain, packs, place, packs.wholesaler, packs.pharmacy);
        await register(chain, watched, packs.pharmacy);
        await chain.send(await report(chain, watched, [5_000]));
    });

    test('is ended by who has it', async () => {
        await expectRefused(chain.send([await end(packs.wholesaler)]), 'NotCustodian');
        const { signature } = await chain.send([await end(packs.pharmacy)]);
        const [event] = await fetchEvents(chain.rpc, signature, await provenanceEventSource());
        expect(event).toMatchObject({
            name: 'MonitoringEnded',
            data: { batch: packs.batch, place: asArgument(place) },
        });
        expect((await readNode(chain, packs, place)).status).toBe(Status.Received);
        await chain.send([await dispense(packs, 0, packs.pharmacy)]);
    });

    test('sets it aside when the device falls silent for a day [time travel]', async ({ skip }) => {
        skip(!chain.canTravel, 'this validator cannot travel in time');
        await expectRefused(countSilence(), 'NotSilent');
        expect((await readNode(chain, packs, place)).status).toBe(Status.Received);
        await chain.travel(DAY_SECONDS + 60);
        const { signature } = await countSilence();
        const [event] = await fetchEvents(chain.rpc, signature, await provenanceEventSource());
        expect(event).toMatchObject({ name: 'ExcursionFound', data: { custodian: packs.pharmacy.address } });
        expect((await readNode(chain, packs, place)).status).toBe(Status.Quarantined);
        expect((await readMonitor(chain, watched)).gaps).toBeGreaterThanOrEqual(BigInt(DAY_SECONDS));
        await expectRefused(countSilence(), 'NotSilent');
    });
});
