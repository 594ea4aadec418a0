// Partners report where packs are scanned: a serial number that is in two places at once is suspect; and anybody proves a pack.
import { beforeAll, describe, expect, test } from 'vitest';

import { Level, fetchEvents, provenance, provenanceEventSource, recordAddress } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    type Packs,
    type Partner,
    Status,
    createPacks,
    dispense,
    handOver,
    packAt,
    readNode,
    recordsOf,
    setStatus,
} from '../harness/packs';
import { expectRefused } from '../harness/refused';

const confirmed = { commitment: 'confirmed' } as const;
const DAY_SECONDS = 86_400;
const PARIS = { latitude: 48, longitude: 2 };
const LAGOS = { latitude: 6, longitude: 3 };
/** No pack is faster than a plane; twice is once too often. */
const POLICY = { kmh: 1_000, limit: 2 };

let chain: Chain;
let packs: Packs;
beforeAll(async () => {
    chain = await connect();
    packs = await createPacks(chain);
    await handOver(chain, packs, { level: Level.Pallet, index: 0n }, packs.maker, packs.wholesaler);
    await handOver(chain, packs, { level: Level.Case, index: 0n }, packs.wholesaler, packs.pharmacy);
});

const judge = async (by: Partner, policy: provenance.ScanPolicyLike) =>
    chain.send([
        await provenance.getSetScanPolicyInstructionAsync({
            operator: by.staff,
            operatorRecord: by.staffRecord,
            manufacturer: by.address,
            batch: packs.batch,
            policy,
        }),
    ]);

const report = async (index: number, by: Partner, cell: provenance.CellArgLike) => {
    const { signature } = await chain.send([
        await provenance.getReportScanInstructionAsync({
            ...(await recordsOf(packs, index)),
            operator: by.staff,
            operatorRecord: by.staffRecord,
            organization: by.address,
            credential: by.credential,
            scan: await recordAddress(packs.batch, 'scan', packAt(index)),
            proof: packs.tree.proof(index),
            cell,
        }),
    ]);
    const [event] = await fetchEvents(chain.rpc, signature, await provenanceEventSource());
    if (event?.name !== 'ScanReported') throw new Error('the scan was not told');
    return event.data;
};

const readScan = async (index: number) => {
    const scan = await recordAddress(packs.batch, 'scan', packAt(index));
    return (await provenance.fetchScan(chain.rpc, scan, confirmed)).data;
};

const close = async (index: number, payer: Partner) =>
    chain.send([
        provenance.getCloseScanInstruction({
            batch: packs.batch,
            scan: await recordAddress(packs.batch, 'scan', packAt(index)),
            payer: payer.staff.address,
        }),
    ]);

describe('scans of a serial number', () => {
    test('are not judged before the manufacturer says how', async () => {
        const { maker, wholesaler, pharmacy } = packs;
        await expectRefused(report(0, pharmacy, PARIS), 'ScansNotJudged');
        await expectRefused(judge(wholesaler, POLICY), 'BatchOfOther');
        await expectRefused(judge(maker, { kmh: 99, limit: 2 }), 'ScanPolicyInvalid');
        const before = (await provenance.fetchBatch(chain.rpc, packs.batch, confirmed)).data;
        expect(before).toMatchObject({ scanKmh: 0, scanLimit: 0 });
        await judge(maker, POLICY);
        const after = (await provenance.fetchBatch(chain.rpc, packs.batch, confirmed)).data;
        expect(after).toMatchObject({ scanKmh: POLICY.kmh, scanLimit: POLICY.limit });
    });

    test('from places too far apart make it suspect, once there are enough of them', async () => {
        const { maker, wholesaler, pharmacy } = packs;
        await expectRefused(report(0, pharmacy, { latitude: 90, longitude: 2 }), 'CellInvalid');
        expect(await report(0, pharmacy, PARIS)).toMatchObject({ isPlausible: true, suspicions: 0 });
        expect(await report(0, wholesaler, LAGOS)).toMatchObject({
            isPlausible: false,
            suspicions: 1,
            isSuspect: false,
        });
        // Once may be a slip: it is still sold.
        expect(await chain.data(await recordAddress(packs.batch, 'node', packAt(0)))).toBeUndefined();
        expect(await report(0, pharmacy, PARIS)).toMatchObject({ suspicions: 2, isSuspect: true });
        expect(await readScan(0)).toMatchObject({ reports: 3, suspicions: 2, reporter: pharmacy.address, ...PARIS });
        expect(await readNode(chain, packs, packAt(0))).toMatchObject({
            status: Status.Suspect,
            custodian: pharmacy.address,
            setAsideBy: maker.address,
        });
        await expectRefused(chain.send([await dispense(packs, 0, pharmacy)]), 'NotSellable');
        await chain.send([await dispense(packs, 1, pharmacy)]);
    });

    test('are looked into by the manufacturer, and the pack is sold when it is genuine', async () => {
        const { maker, pharmacy } = packs;
        const release = (by: Partner) => setStatus(packs, packAt(0), by, provenance.StatusAction.Release);
        await expectRefused(chain.send([await release(pharmacy)]), 'NotYoursToRelease');
        await chain.send([await release(maker)]);
        expect((await readNode(chain, packs, packAt(0))).status).toBe(Status.Received);
        await chain.send([await dispense(packs, 0, pharmacy)]);
    });

    test('are kept for thirty days, and suspicious ones longer [time travel]', async ({ skip }) => {
        skip(!chain.canTravel, 'this validator cannot travel in time');
        const { wholesaler, pharmacy } = packs;
        await report(2, wholesaler, PARIS);
        await expectRefused(close(2, wholesaler), 'ScanKept');
        await chain.travel(31 * DAY_SECONDS);
        await expectRefused(close(0, pharmacy), 'ScanKept');
        await expectRefused(close(2, pharmacy), 'WrongPayer');
        const before = await chain.balance(wholesaler.staff.address);
        await close(2, wholesaler);
        expect(await chain.balance(wholesaler.staff.address)).toBeGreaterThan(before);
        expect(await chain.data(await recordAddress(packs.batch, 'scan', packAt(2)))).toBeUndefined();
        expect(await readScan(0)).toMatchObject({ suspicions: 2 });
    });
});

describe('a proof', () => {
    test('shows that the pack is in the batch, whatever has become of it, and changes nothing', async () => {
        const { batch, page, tree } = packs;
        const verify = (proof: provenance.PackProof) =>
            chain.send([provenance.getVerifyPackInstruction({ batch, page, proof })]);
        const before = await chain.data(page);
        await verify(tree.proof(0));
        await verify(tree.proof(29));
        await expectRefused(verify({ ...tree.proof(0), serial: tree.proof(1).serial }), 'ProofInvalid');
        // There is room for two more in the last case, but no pack.
        await expectRefused(verify(tree.proof(30)), 'ProofInvalid');
        await expectRefused(verify({ ...tree.proof(0), index: 32n }), 'WrongPage');
        expect(await chain.data(page)).toEqual(before);
    });
});
