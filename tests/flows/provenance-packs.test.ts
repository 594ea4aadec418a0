// A pack from the manufacturer to the patient: handed over in two steps, dispensed once, stopped by a recall, undone.
import { beforeAll, describe, expect, test } from 'vitest';

import { Level, fetchEvents, provenance, provenanceEventSource, recordAddress } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { type Packs, asArgument, createPacks, dispense, handOver, nodesOf, undo } from '../harness/packs';
import { expectRefused } from '../harness/refused';

let chain: Chain;
let packs: Packs;
beforeAll(async () => {
    chain = await connect();
    packs = await createPacks(chain);
});

const confirmed = { commitment: 'confirmed' } as const;
const firstCase = { level: Level.Case, index: 0n };

describe('a pack', () => {
    test('is refused to a pharmacy that has not got it', async () => {
        const early = chain.send([await dispense(packs, 3, packs.pharmacy)]);
        await expectRefused(early, 'NotInCustody');
    });

    test('is handed over with its pallet, then with its case', async () => {
        await handOver(chain, packs, { level: Level.Pallet, index: 0n }, packs.maker, packs.wholesaler);
        await handOver(chain, packs, firstCase, packs.wholesaler, packs.pharmacy);
        const node = await recordAddress(packs.batch, 'node', firstCase);
        const { data } = await provenance.fetchNode(chain.rpc, node, confirmed);
        expect(data).toMatchObject({ custodian: packs.pharmacy.address, owner: packs.pharmacy.address, isHeld: 1 });
    });

    test('is dispensed once, and the record says who and when', async () => {
        const { signature } = await chain.send([await dispense(packs, 3, packs.pharmacy)]);
        const [event] = await fetchEvents(chain.rpc, signature, await provenanceEventSource());
        expect(event).toMatchObject({
            name: 'PackDispensed',
            data: { batch: packs.batch, index: 3n, pharmacy: packs.pharmacy.address, isHandedOut: false },
        });
        const record = await recordAddress(packs.batch, 'dispense', { level: Level.Pack, index: 3n });
        const { data } = await provenance.fetchDispense(chain.rpc, record, confirmed);
        expect(data).toMatchObject({
            pharmacy: packs.pharmacy.address,
            operator: packs.pharmacy.staff.address,
            index: 3n,
        });
        await expectRefused(chain.send([await dispense(packs, 3, packs.pharmacy)]), 'AlreadyDispensed');
    });

    test('is proved by nothing but its own proof', async () => {
        const forged = { ...packs, tree: Object.create(packs.tree) as Packs['tree'] };
        forged.tree.proof = (index) => ({ ...packs.tree.proof(index), serial: packs.tree.serial(index + 1) });
        await expectRefused(chain.send([await dispense(forged, 4, packs.pharmacy)]), 'ProofInvalid');
    });

    test('is stopped by a recall at once, and free again when that is lifted', async () => {
        const { node, ...above } = await nodesOf(packs, firstCase);
        const regulator = {
            operator: packs.regulator.staff,
            operatorRecord: packs.regulator.staffRecord,
            organization: packs.regulator.address,
            batch: packs.batch,
            node,
            place: asArgument(firstCase),
        };
        const terms = {
            class: provenance.ClassArg.Two,
            depth: provenance.DepthArg.Retailer,
            notice: new Uint8Array(32).fill(5),
            respondWithin: 3_600n,
        };
        await chain.send([await provenance.getIssueRecallInstructionAsync({ ...above, ...regulator, terms })]);
        await expectRefused(chain.send([await dispense(packs, 4, packs.pharmacy)]), 'Recalled');
        const reason = new Uint8Array(32).fill(6);
        await chain.send([await provenance.getLiftRecallInstructionAsync({ ...regulator, reason })]);
        await chain.send([await dispense(packs, 4, packs.pharmacy)]);
    });

    test('comes back when its dispense is undone', async () => {
        await chain.send([await undo(packs, 3, packs.pharmacy, packs.pharmacy.staff.address)]);
        await chain.send([await dispense(packs, 3, packs.pharmacy)]);
        await expectRefused(chain.send([await dispense(packs, 3, packs.pharmacy)]), 'AlreadyDispensed');
    });
});
