// What becomes of packs that are in doubt, unfit, stolen, sent abroad or sent back, and who has the say over them.
import { beforeAll, describe, expect, test } from 'vitest';

import {
    Level,
    fetchEvents,
    provenance,
    provenanceEventSource,
    registry,
    registryEventSource,
} from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { roleSigner } from '../harness/keys';
import * as organizations from '../harness/organizations';
import {
    type Packs,
    Status,
    accept,
    asArgument,
    createPacks,
    dispense,
    handOver,
    nodesOf,
    offer,
    packAt,
    readNode,
    setStatus,
} from '../harness/packs';
import { expectRefused } from '../harness/refused';

const { StatusAction } = provenance;
const whole = { level: Level.Batch, index: 0n };
const firstPallet = { level: Level.Pallet, index: 0n };
const firstCase = { level: Level.Case, index: 0n };

let chain: Chain;
let packs: Packs;
beforeAll(async () => {
    chain = await connect();
    packs = await createPacks(chain);
    await handOver(chain, packs, firstPallet, packs.maker, packs.wholesaler);
    await handOver(chain, packs, firstCase, packs.wholesaler, packs.pharmacy);
});

const set = async (index: number, by: Packs['regulator'], action: provenance.StatusAction) =>
    chain.send([await setStatus(packs, packAt(index), by, action)]);
const statusOf = async (index: number) => (await readNode(chain, packs, packAt(index))).status;

describe('a pack in doubt', () => {
    test('is set aside by who has it, who releases it too', async () => {
        const { signature } = await set(0, packs.pharmacy, StatusAction.Quarantine);
        const [event] = await fetchEvents(chain.rpc, signature, await provenanceEventSource());
        expect(event).toMatchObject({
            name: 'StatusSet',
            data: { place: asArgument(packAt(0)), old: Status.Received, new: Status.Quarantined },
        });
        expect(await readNode(chain, packs, packAt(0))).toMatchObject({
            status: Status.Quarantined,
            custodian: packs.pharmacy.address,
            setAsideBy: packs.pharmacy.address,
        });
        await expectRefused(chain.send([await dispense(packs, 0, packs.pharmacy)]), 'NotSellable');
        await expectRefused(set(0, packs.wholesaler, StatusAction.Release), 'NotYoursToRelease');
        await set(0, packs.pharmacy, StatusAction.Release);
        expect(await statusOf(0)).toBe(Status.Received);
        await chain.send([await dispense(packs, 0, packs.pharmacy)]);
    });

    test('that its manufacturer sets aside is not the pharmacy\u2019s to release, but a regulator\u2019s', async () => {
        await set(1, packs.maker, StatusAction.Quarantine);
        await expectRefused(set(1, packs.pharmacy, StatusAction.Release), 'NotYoursToRelease');
        expect(await statusOf(1)).toBe(Status.Quarantined);
        await set(1, packs.regulator, StatusAction.Release);
        expect(await statusOf(1)).toBe(Status.Received);
    });

    test('is evidence until that is decided, and destroyed when it is condemned', async () => {
        await set(2, packs.pharmacy, StatusAction.Suspect);
        await expectRefused(set(2, packs.pharmacy, StatusAction.Destroy), 'StatusOutOfOrder');
        expect(await statusOf(2)).toBe(Status.Suspect);
        await set(2, packs.regulator, StatusAction.Condemn);
        expect(await statusOf(2)).toBe(Status.Illegitimate);
        await expectRefused(set(2, packs.regulator, StatusAction.Release), 'StatusOutOfOrder');
        await expectRefused(set(2, packs.wholesaler, StatusAction.Destroy), 'NotCustodian');
        await set(2, packs.pharmacy, StatusAction.Destroy);
        expect(await statusOf(2)).toBe(Status.Destroyed);
        await expectRefused(set(2, packs.pharmacy, StatusAction.Quarantine), 'StatusFinal');
    });

    test('is set aside with all of its case', async () => {
        await chain.send([await setStatus(packs, firstCase, packs.pharmacy, StatusAction.Quarantine)]);
        expect((await readNode(chain, packs, firstCase)).status).toBe(Status.Quarantined);
        await expectRefused(chain.send([await dispense(packs, 7, packs.pharmacy)]), 'NotSellable');
        await chain.send([await setStatus(packs, firstCase, packs.pharmacy, StatusAction.Release)]);
        await chain.send([await dispense(packs, 7, packs.pharmacy)]);
        await expectRefused(set(7, packs.pharmacy, StatusAction.Quarantine), 'AlreadyDispensed');
    });
});

describe('a pack that leaves the trade', () => {
    test.each([
        ['stolen', 3, StatusAction.ReportTheft, Status.Stolen],
        ['sent abroad', 4, StatusAction.Export, Status.Exported],
        ['given up without a patient', 5, StatusAction.Decommission, Status.Decommissioned],
        ['destroyed', 6, StatusAction.Destroy, Status.Destroyed],
    ])('as %s does not come back', async (_, index, action, status) => {
        await expectRefused(set(index, packs.wholesaler, action), 'NotCustodian');
        await set(index, packs.pharmacy, action);
        expect(await statusOf(index)).toBe(status);
        await expectRefused(chain.send([await dispense(packs, index, packs.pharmacy)]), 'NotSellable');
        await expectRefused(set(index, packs.pharmacy, StatusAction.Release), 'StatusFinal');
        expect(await statusOf(index)).toBe(status);
    });

    test('is not sent abroad under a recall', async () => {
        const other = await createPacks(chain);
        const recall = await provenance.getIssueRecallInstructionAsync({
            operator: other.maker.staff,
            operatorRecord: other.maker.staffRecord,
            organization: other.maker.address,
            batch: other.batch,
            node: (await nodesOf(other, whole)).node,
            place: asArgument(whole),
            terms: {
                class: provenance.ClassArg.One,
                depth: provenance.DepthArg.Consumer,
                notice: new Uint8Array(32).fill(5),
                respondWithin: 3_600n,
            },
        });
        await chain.send([recall]);
        const abroad = setStatus(other, firstPallet, other.maker, StatusAction.Export);
        await expectRefused(chain.send([await abroad]), 'Recalled');
        await chain.send([await setStatus(other, firstPallet, other.maker, StatusAction.Destroy)]);
        expect((await readNode(chain, other, firstPallet)).status).toBe(Status.Destroyed);
    });
});

describe('a case that is sent back', () => {
    const back = { isSale: true, isReturn: true };

    test('is sold again only after whoever took it back has looked at it', async () => {
        packs = await createPacks(chain);
        const { maker, wholesaler, pharmacy } = packs;
        await handOver(chain, packs, firstPallet, maker, wholesaler);
        await handOver(chain, packs, firstCase, wholesaler, pharmacy);
        await chain.send([await offer(packs, firstCase, pharmacy, wholesaler, back)]);
        expect((await readNode(chain, packs, firstCase)).status).toBe(Status.InTransit);
        await expectRefused(chain.send([await dispense(packs, 0, pharmacy)]), 'NotSellable');
        await chain.send([await accept(packs, firstCase, pharmacy, wholesaler)]);
        expect(await readNode(chain, packs, firstCase)).toMatchObject({
            status: Status.Returned,
            custodian: wholesaler.address,
            owner: wholesaler.address,
        });

        await expectRefused(chain.send([await offer(packs, firstCase, wholesaler, pharmacy)]), 'StatusOutOfOrder');
        const verify = (by: Packs['maker']) => setStatus(packs, firstCase, by, StatusAction.Verify);
        await expectRefused(chain.send([await verify(pharmacy)]), 'NotCustodian');
        await chain.send([await verify(wholesaler)]);
        expect((await readNode(chain, packs, firstCase)).status).toBe(Status.Received);
        await handOver(chain, packs, firstCase, wholesaler, pharmacy);
        await chain.send([await dispense(packs, 0, pharmacy)]);
    });
});

describe('a trading partner\u2019s credential', () => {
    test('is withdrawn by governance where its issuer is suspended, and stops the partner', async () => {
        packs = await createPacks(chain);
        const { maker, wholesaler, pharmacy, regulator } = packs;
        await handOver(chain, packs, firstPallet, maker, wholesaler);
        await handOver(chain, packs, firstCase, wholesaler, pharmacy);
        await chain.send([await dispense(packs, 0, pharmacy)]);
        const [config] = await registry.findConfigPda();
        const withdraw = async () => {
            const { data } = await registry.fetchConfig(chain.rpc, config, { commitment: 'confirmed' });
            return chain.send([
                await registry.getWithdrawCredentialInstructionAsync({
                    governance: await roleSigner('governance'),
                    issuer: regulator.address,
                    credential: pharmacy.credential,
                    admin: await organizations.adminArgs(chain, data.sequence),
                    reason: 3,
                }),
            ]);
        };
        await expectRefused(withdraw(), 'CredentialIssuerActive');
        await organizations.setStatus(chain, regulator.address, registry.OrganizationStatus.Suspended, 7);
        // Its credentials stay good for as long as nobody takes them back.
        await chain.send([await dispense(packs, 1, pharmacy)]);
        const { signature } = await withdraw();
        const [event] = await fetchEvents(chain.rpc, signature, await registryEventSource());
        expect(event).toMatchObject({
            name: 'CredentialRevoked',
            data: { credential: pharmacy.credential, subject: pharmacy.address, reason: 3 },
        });
        await expectRefused(chain.send([await dispense(packs, 2, pharmacy)]), 'CredentialRevoked');
        await expectRefused(withdraw(), 'CredentialRevoked');
    });
});
