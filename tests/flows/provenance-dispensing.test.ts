// How packs reach patients otherwise than one by one: tablets out of a bottle, a case at once, a pack kept for a claim.
import type { Instruction } from '@solana/kit';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { Level, fetchEvents, provenance, provenanceEventSource, recordAddress } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { freshSigner } from '../harness/keys';
import {
    POLICY_CUSTODY,
    type Packs,
    type Partner,
    Status,
    asArgument,
    createPacks,
    dispense,
    dispensing,
    handOver,
    isDispensed,
    nodesOf,
    packAt,
    readDispense,
    readNode,
    reserve,
    undo,
    undoAt,
} from '../harness/packs';
import { expectRefused } from '../harness/refused';

/** Of a batch's policy: opening a pack counts as dispensing it. */
const POLICY_OPENING_DISPENSES = 2;
const TABLETS = 100;
const firstCase = { level: Level.Case, index: 0n };
const HOUR = 3_600;

let chain: Chain;
let packs: Packs;

/** A batch whose first case is at the pharmacy. */
async function delivered(...batch: Parameters<typeof createPacks> extends [Chain, ...infer Rest] ? Rest : never) {
    const made = await createPacks(chain, ...batch);
    await handOver(chain, made, { level: Level.Pallet, index: 0n }, made.maker, made.wholesaler);
    await handOver(chain, made, firstCase, made.wholesaler, made.pharmacy);
    return made;
}

const payer = () => packs.pharmacy.staff.address;
const events = async (...instructions: Instruction[]) => {
    const { signature } = await chain.send(instructions);
    return fetchEvents(chain.rpc, signature, await provenanceEventSource());
};

describe('a bottle of a hundred tablets', () => {
    const fill = async (index: number, units: number) =>
        provenance.getFillPackInstructionAsync({ ...(await dispensing(packs, index, packs.pharmacy)), units });

    beforeAll(async () => {
        chain = await connect();
        packs = await delivered({ units: TABLETS });
    });

    test('is opened, filled from and empty', async () => {
        expect(await chain.data(await recordAddress(packs.batch, 'node', packAt(0)))).toBeUndefined();
        const [filled] = await events(await fill(0, 30));
        expect(filled).toMatchObject({ name: 'PackFilled', data: { index: 0n, units: 30, left: 70 } });
        expect(await readNode(chain, packs, packAt(0))).toMatchObject({
            status: Status.PartiallyDispensed,
            unitsTaken: 30,
        });
        expect(await isDispensed(chain, packs, 0)).toBe(false);

        await expectRefused(chain.send([await fill(0, 0)]), 'FillEmpty');
        await expectRefused(chain.send([await fill(0, 71)]), 'FillTooMuch');
        await expectRefused(chain.send([await dispense(packs, 0, packs.pharmacy)]), 'PartlyFilled');
        expect((await readNode(chain, packs, packAt(0))).unitsTaken).toBe(30);

        const [emptied] = await events(await fill(0, 70));
        expect(emptied).toMatchObject({ name: 'PackFilled', data: { units: 70, left: 0 } });
        expect(await readNode(chain, packs, packAt(0))).toMatchObject({
            status: Status.Dispensed,
            unitsTaken: TABLETS,
        });
        expect(await isDispensed(chain, packs, 0)).toBe(true);
        await expectRefused(chain.send([await fill(0, 1)]), 'AlreadyDispensed');
    });

    test('gets the tablets of its last fill back, and of no other', async () => {
        expect(await readDispense(chain, packs, packAt(0))).toMatchObject({ units: 70 });
        const [undone] = await events(await undo(packs, 0, packs.pharmacy, payer()));
        expect(undone).toMatchObject({ name: 'DispenseUndone', data: { units: 70 } });
        expect(await readNode(chain, packs, packAt(0))).toMatchObject({
            status: Status.PartiallyDispensed,
            unitsTaken: 30,
        });
        expect(await isDispensed(chain, packs, 0)).toBe(false);
        await expectRefused(chain.send([await undo(packs, 0, packs.pharmacy, payer())]), 'AccountOwnedByWrongProgram');
    });

    test('is dispensed once it is open, where the policy says so', async () => {
        packs = await delivered({ units: TABLETS, policy: POLICY_CUSTODY | POLICY_OPENING_DISPENSES });
        expect(await isDispensed(chain, packs, 0)).toBe(false);
        await chain.send([await fill(0, 30)]);
        expect(await isDispensed(chain, packs, 0)).toBe(true);
        await chain.send([await fill(0, 70)]);
        expect((await readNode(chain, packs, packAt(0))).unitsTaken).toBe(TABLETS);
        await expectRefused(chain.send([await fill(0, 1)]), 'AlreadyDispensed');
    });

    test('is no pack that is dispensed whole', async () => {
        packs = await delivered();
        await expectRefused(chain.send([await fill(0, 1)]), 'NotDivisible');
        await chain.send([await dispense(packs, 0, packs.pharmacy)]);
    });
});

describe('a case of forty-eight', () => {
    const whole = async (proof = packs.tree.firstCase()) => {
        const { node, palletAbove, batchAbove } = await nodesOf(packs, firstCase);
        if (palletAbove === undefined || batchAbove === undefined) throw new Error('a case is in a pallet and a batch');
        return provenance.getDispenseSubtreeInstructionAsync({
            operator: packs.pharmacy.staff,
            operatorRecord: packs.pharmacy.staffRecord,
            pharmacy: packs.pharmacy.address,
            credential: packs.pharmacy.credential,
            batch: packs.batch,
            page: packs.page,
            node,
            palletAbove,
            batchAbove,
            dispense: await recordAddress(packs.batch, 'dispense', firstCase),
            place: asArgument(firstCase),
            ...proof,
            isHandedOut: false,
        });
    };

    beforeEach(async () => {
        chain = await connect();
        packs = await delivered({}, { layout: [6, 1, 1], count: 48 });
    });

    test('is dispensed at once, with one record, and none of its packs again', async () => {
        expect((await readNode(chain, packs, firstCase)).status).toBe(Status.Received);
        const forged = { ...packs.tree.firstCase(), hash: packs.tree.root() };
        await expectRefused(chain.send([await whole(forged)]), 'ProofInvalid');
        const [event] = await events(await whole());
        expect(event).toMatchObject({
            name: 'SubtreeDispensed',
            data: { place: asArgument(firstCase), pharmacy: packs.pharmacy.address, isHandedOut: false },
        });
        expect((await readNode(chain, packs, firstCase)).status).toBe(Status.Dispensed);
        expect(await readDispense(chain, packs, firstCase)).toMatchObject({
            level: Level.Case,
            pharmacy: packs.pharmacy.address,
            units: 0,
        });
        for (const index of [0, 47]) {
            await expectRefused(chain.send([await dispense(packs, index, packs.pharmacy)]), 'AlreadyDispensed');
        }
        await expectRefused(chain.send([await whole()]), 'AlreadyDispensed');
    });

    test('comes back as a whole; with a pack missing it is no longer dispensed at once', async () => {
        await chain.send([await whole()]);
        const strange = undoAt(packs, firstCase, packs.wholesaler, payer());
        await expectRefused(chain.send([await strange]), 'UndoOtherPremises');
        await chain.send([await undoAt(packs, firstCase, packs.pharmacy, payer())]);
        expect((await readNode(chain, packs, firstCase)).status).toBe(Status.Received);
        expect(await chain.data(await recordAddress(packs.batch, 'dispense', firstCase))).toBeUndefined();

        await chain.send([await dispense(packs, 5, packs.pharmacy)]);
        await expectRefused(chain.send([await whole()]), 'PartlyDispensed');
        await chain.send([await dispense(packs, 6, packs.pharmacy)]);
    });
});

describe('a pack that is kept for a claim', () => {
    const cancel = async (index: number, by: Partner) =>
        provenance.getCancelReservationInstructionAsync({
            operator: by.staff,
            operatorRecord: by.staffRecord,
            pharmacy: by.address,
            dispense: await recordAddress(packs.batch, 'dispense', packAt(index)),
            payer: payer(),
        });
    const dispenseReserved = async (index: number, claim: Awaited<ReturnType<typeof freshSigner>>) => {
        const { proof: _, ...accounts } = await dispensing(packs, index, packs.pharmacy);
        return provenance.getDispenseReservedInstructionAsync({
            ...accounts,
            claim,
            index: BigInt(index),
            isHandedOut: false,
        });
    };

    beforeAll(async () => {
        chain = await connect();
        packs = await delivered();
    });

    test('is given up by its pharmacy, and free then', async () => {
        const { address } = await freshSigner();
        await chain.send([await reserve(packs, 0, packs.pharmacy, address, 3_600n)]);
        expect(await readDispense(chain, packs, packAt(0))).toMatchObject({ claim: address });
        await expectRefused(chain.send([await dispense(packs, 0, packs.pharmacy)]), 'ReservedForOther');
        await expectRefused(chain.send([await cancel(0, packs.wholesaler)]), 'ReservedForOther');
        await chain.send([await cancel(0, packs.pharmacy)]);
        expect(await chain.data(await recordAddress(packs.batch, 'dispense', packAt(0)))).toBeUndefined();
        await chain.send([await dispense(packs, 0, packs.pharmacy)]);
        await expectRefused(chain.send([await cancel(0, packs.pharmacy)]), 'NotReserved');
    });

    test('is dispensed to the signature of that claim, and to no other', async () => {
        const [claim, another] = [await freshSigner(), await freshSigner()];
        await chain.send([await reserve(packs, 1, packs.pharmacy, claim.address, 3_600n)]);
        expect(await isDispensed(chain, packs, 1)).toBe(false);
        await expectRefused(chain.send([await dispenseReserved(1, another)]), 'ReservedForOther');
        const [event] = await events(await dispenseReserved(1, claim));
        expect(event).toMatchObject({ name: 'PackDispensed', data: { index: 1n, claim: claim.address } });
        expect(await isDispensed(chain, packs, 1)).toBe(true);
        await expectRefused(chain.send([await dispenseReserved(1, claim)]), 'AlreadyDispensed');
    });

    test('is free again when its time is over [time travel]', async ({ skip }) => {
        skip(!chain.canTravel, 'this validator cannot travel in time');
        const claim = await freshSigner();
        await chain.send([await reserve(packs, 2, packs.pharmacy, claim.address, BigInt(HOUR))]);
        await expectRefused(chain.send([await dispense(packs, 2, packs.pharmacy)]), 'ReservedForOther');
        await chain.travel(HOUR + 1);
        await expectRefused(chain.send([await dispenseReserved(2, claim)]), 'ReservationLapsed');
        await chain.send([await dispense(packs, 2, packs.pharmacy)]);
        expect(await isDispensed(chain, packs, 2)).toBe(true);
    });
});
