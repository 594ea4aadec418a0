// What goes wrong on the way of packs: shipments rejected, taken in part or forgotten; recalls and who may lift them; dispenses that
// can no longer be undone.
import { beforeAll, describe, expect, test } from 'vitest';

import { Level, fetchEvents, provenance, provenanceEventSource, recordAddress } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import {
    type Packs,
    type Partner,
    accept,
    asArgument,
    createPacks,
    dispense,
    handOver,
    nodesOf,
    offer,
    readNode,
    undo,
} from '../harness/packs';
import { expectRefused } from '../harness/refused';

const firstPallet = { level: Level.Pallet, index: 0n };
const [firstCase, secondCase] = [0n, 1n].map((index) => ({ level: Level.Case, index })) as [Case, Case];
type Case = { level: Level; index: bigint };
const confirmed = { commitment: 'confirmed' } as const;
const DAY_SECONDS = 86_400;

let chain: Chain;
let packs: Packs;

/** Ends an offer: by its sender or its recipient, or by anybody. */
async function end(place: Case, from: Partner, by?: Partner) {
    const { node } = await nodesOf(packs, place);
    const party =
        by === undefined ? {} : { operator: by.staff, operatorRecord: by.staffRecord, organization: by.address };
    return provenance.getEndShipmentInstructionAsync({
        ...party,
        batch: packs.batch,
        node,
        shipment: await recordAddress(packs.batch, 'shipment', place),
        payer: from.staff.address,
        place: asArgument(place),
    });
}

describe('a shipment', () => {
    beforeAll(async () => {
        chain = await connect();
        packs = await createPacks(chain);
    });

    test('is rejected, and the goods are where they were', async () => {
        const { maker, wholesaler, pharmacy } = packs;
        await chain.send([await offer(packs, firstPallet, maker, wholesaler)]);
        expect((await readNode(chain, packs, firstPallet)).custodian).toBe(maker.address);
        await expectRefused(chain.send([await end(firstPallet, maker, pharmacy)]), 'NotParty');
        await expectRefused(chain.send([await end(firstPallet, maker)]), 'NotParty');
        await chain.send([await end(firstPallet, maker, wholesaler)]);
        const shipment = await recordAddress(packs.batch, 'shipment', firstPallet);
        expect(await chain.data(shipment)).toBeUndefined();
        expect((await readNode(chain, packs, firstPallet)).custodian).toBe(maker.address);
    });

    test('is accepted by its recipient alone', async () => {
        const { maker, wholesaler, pharmacy } = packs;
        await chain.send([await offer(packs, firstPallet, maker, wholesaler)]);
        await expectRefused(chain.send([await accept(packs, firstPallet, maker, pharmacy)]), 'NotRecipient');
    });

    test('is accepted but for a case, which stays with the sender', async () => {
        const { maker, wholesaler, pharmacy } = packs;
        const strange = { level: Level.Case, index: 2n };
        await expectRefused(chain.send([await accept(packs, firstPallet, maker, wholesaler, [strange])]), 'NotAChild');
        const { signature } = await chain.send([await accept(packs, firstPallet, maker, wholesaler, [secondCase])]);
        const [event] = await fetchEvents(chain.rpc, signature, await provenanceEventSource());
        expect(event).toMatchObject({ name: 'ShipmentAccepted', data: { refused: [1n] } });
        expect(await readNode(chain, packs, firstPallet)).toMatchObject({ custodian: wholesaler.address });
        expect(await readNode(chain, packs, secondCase)).toMatchObject({ custodian: maker.address });
        // Neither can the wholesaler pass on what it refused, nor the manufacturer what it gave away.
        await expectRefused(chain.send([await offer(packs, secondCase, wholesaler, pharmacy)]), 'NotCustodian');
        await expectRefused(chain.send([await offer(packs, firstCase, maker, pharmacy)]), 'NotCustodian');
        await handOver(chain, packs, firstCase, wholesaler, pharmacy);
        await chain.send([await dispense(packs, 0, pharmacy)]);
        // A pack of the refused case is not the pharmacy's.
        await expectRefused(chain.send([await dispense(packs, 9, pharmacy)]), 'NotInCustody');
    });

    test('that nobody accepted in time is ended by anybody [time travel]', async ({ skip }) => {
        skip(!chain.canTravel, 'this validator cannot travel in time');
        const { maker, pharmacy } = packs;
        await chain.send([await offer(packs, secondCase, maker, pharmacy)]);
        await chain.travel(3_700);
        await expectRefused(chain.send([await accept(packs, secondCase, maker, pharmacy)]), 'OfferLapsed');
        await chain.send([await end(secondCase, maker)]);
        await handOver(chain, packs, secondCase, maker, pharmacy);
    });
});

describe('a recall', () => {
    const notice = new Uint8Array(32).fill(5);
    const reason = new Uint8Array(32).fill(6);
    const terms = {
        class: provenance.ClassArg.Unset,
        depth: provenance.DepthArg.Retailer,
        notice,
        respondWithin: 3_600n,
    };
    const by = async (organization: Partner | Packs['regulator'], place: Case) => ({
        operator: organization.staff,
        operatorRecord: organization.staffRecord,
        organization: organization.address,
        batch: packs.batch,
        ...(await nodesOf(packs, place)),
        place: asArgument(place),
    });

    beforeAll(async () => {
        chain = await connect();
        packs = await createPacks(chain);
        await handOver(chain, packs, firstPallet, packs.maker, packs.wholesaler);
        await handOver(chain, packs, firstCase, packs.wholesaler, packs.pharmacy);
    });

    test('of a pallet reaches the case that had left it', async () => {
        await chain.send([
            await provenance.getIssueRecallInstructionAsync({ ...(await by(packs.maker, firstPallet)), terms }),
        ]);
        await expectRefused(chain.send([await dispense(packs, 2, packs.pharmacy)]), 'Recalled');
    });

    test('is issued by the manufacturer or a regulator only', async () => {
        const strange = await by(packs.wholesaler, firstPallet);
        await expectRefused(
            chain.send([await provenance.getIssueRecallInstructionAsync({ ...strange, terms })]),
            'NotARegulator',
        );
    });

    test('lets goods go back to who issued it, and to nobody else', async () => {
        const { pharmacy, wholesaler, maker } = packs;
        const onwards = offer(packs, firstCase, pharmacy, wholesaler);
        await expectRefused(chain.send([await onwards]), 'RecalledMustReturn');
        await chain.send([await offer(packs, firstCase, pharmacy, maker, { isSale: false, isReturn: true })]);
        await chain.send([await end(firstCase, pharmacy, maker)]);
    });

    test('is acknowledged by who has the goods, once, with how many were found', async () => {
        const { pharmacy } = packs;
        const { node } = await nodesOf(packs, firstPallet);
        const number = 1;
        const [acknowledgement] = await provenance.findAcknowledgementPda({
            node,
            number,
            organization: pharmacy.address,
        });
        const acknowledge = (recall: number) =>
            provenance.getAcknowledgeRecallInstructionAsync({
                operator: pharmacy.staff,
                operatorRecord: pharmacy.staffRecord,
                organization: pharmacy.address,
                credential: pharmacy.credential,
                batch: packs.batch,
                node,
                acknowledgement,
                slot: provenance.RecallSlot.Manufacturer,
                number: recall,
                packs: 8n,
            });
        await chain.send([await acknowledge(number)]);
        const { data } = await provenance.fetchAcknowledgement(chain.rpc, acknowledgement, confirmed);
        expect(data).toMatchObject({ organization: pharmacy.address, packs: 8n, isInTime: true });
    });

    test('is lifted by who issued it, and by nobody else', async () => {
        const others = await by(packs.regulator, firstPallet);
        await expectRefused(
            chain.send([await provenance.getLiftRecallInstructionAsync({ ...others, reason })]),
            'NotRecalled',
        );
        await expectRefused(chain.send([await dispense(packs, 2, packs.pharmacy)]), 'Recalled');
        await chain.send([
            await provenance.getLiftRecallInstructionAsync({ ...(await by(packs.maker, firstPallet)), reason }),
        ]);
        await chain.send([await dispense(packs, 2, packs.pharmacy)]);
    });
});

describe('a dispense', () => {
    beforeAll(async () => {
        chain = await connect();
        packs = await createPacks(chain);
        await handOver(chain, packs, firstPallet, packs.maker, packs.wholesaler);
        await handOver(chain, packs, firstCase, packs.wholesaler, packs.pharmacy);
    });

    test('is undone by the pharmacy that made it, as long as it holds the pack', async () => {
        const { pharmacy, wholesaler } = packs;
        await chain.send([await dispense(packs, 0, pharmacy)]);
        const strange = undo(packs, 0, wholesaler, pharmacy.staff.address);
        await expectRefused(chain.send([await strange]), 'UndoOtherPremises');
        await chain.send([
            await provenance.getHandOutInstructionAsync({
                operator: pharmacy.staff,
                operatorRecord: pharmacy.staffRecord,
                pharmacy: pharmacy.address,
                dispense: await recordAddress(packs.batch, 'dispense', { level: Level.Pack, index: 0n }),
            }),
        ]);
        const late = undo(packs, 0, pharmacy, pharmacy.staff.address);
        await expectRefused(chain.send([await late]), 'UndoHandedOut');
    });

    test('is final after ten days, and its record is closed by anybody [time travel]', async ({ skip }) => {
        skip(!chain.canTravel, 'this validator cannot travel in time');
        const { pharmacy, batch } = packs;
        await chain.send([await dispense(packs, 1, pharmacy)]);
        const record = await recordAddress(batch, 'dispense', { level: Level.Pack, index: 1n });
        await chain.travel(11 * DAY_SECONDS);
        await expectRefused(chain.send([await undo(packs, 1, pharmacy, pharmacy.staff.address)]), 'UndoTooLate');
        await chain.send([
            await provenance.getCloseDispenseInstructionAsync({
                dispense: record,
                payer: pharmacy.staff.address,
            }),
        ]);
        expect(await chain.data(record)).toBeUndefined();
    });
});
