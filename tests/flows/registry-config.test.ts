// The configuration: who governs, how that is handed over, and the guardian's pause.
import type { KeyPairSigner } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import { fetchEvents, registry, registryEventSource } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { programDataAddress } from '../harness/configure';
import { connect } from '../harness/connect';
import { freshSigner, roleSigner } from '../harness/keys';
import { adminArgs } from '../harness/organizations';
import { expectRefused } from '../harness/refused';

const HOUR = 3600;

let chain: Chain;
beforeAll(async () => {
    chain = await connect();
});

async function readConfig(): Promise<registry.Config> {
    const [address] = await registry.findConfigPda();
    return (await registry.fetchConfig(chain.rpc, address, { commitment: 'confirmed' })).data;
}

const adminNow = async () => adminArgs(chain, (await readConfig()).sequence);

async function handOver(from: KeyPairSigner, to: KeyPairSigner) {
    await chain.send([
        await registry.getProposeGovernanceInstructionAsync({
            governance: from,
            admin: await adminNow(),
            proposed: to.address,
        }),
    ]);
    return chain.send([
        await registry.getAcceptGovernanceInstructionAsync({ proposedGovernance: to, admin: await adminNow() }),
    ]);
}

describe('governance', () => {
    test('is configured once', async () => {
        const stranger = await freshSigner();
        const before = await readConfig();
        const attempt = chain.send([
            await registry.getInitializeConfigInstructionAsync({
                payer: chain.payer,
                upgradeAuthority: stranger,
                registry: registry.REGISTRY_PROGRAM_ADDRESS,
                programData: await programDataAddress(registry.REGISTRY_PROGRAM_ADDRESS),
                governance: stranger.address,
                guardian: stranger.address,
            }),
        ]);
        // The system program's error 0: the account exists.
        await expectRefused(attempt, 'custom program error 0');
        expect(await readConfig()).toEqual(before);
    });

    test('is handed over in two steps, and back', async () => {
        const governance = await roleSigner('governance');
        const successor = await freshSigner();
        const before = await readConfig();
        const { signature } = await handOver(governance, successor);
        try {
            expect(await readConfig()).toMatchObject({ governance: successor.address, sequence: before.sequence + 2n });
            const [event] = await fetchEvents(chain.rpc, signature, await registryEventSource());
            expect(event).toMatchObject({
                name: 'GovernanceAccepted',
                data: { previous: governance.address, governance: successor.address },
            });
            const byTheOld = chain.send([
                await registry.getSetGuardianInstructionAsync({
                    governance,
                    admin: await adminNow(),
                    guardian: governance.address,
                }),
            ]);
            await expectRefused(byTheOld, 'NotGovernance');
        } finally {
            await handOver(successor, governance);
        }
        expect((await readConfig()).governance).toBe(governance.address);
    });

    test('an offer can be withdrawn, and then it is too late to accept', async () => {
        const governance = await roleSigner('governance');
        const successor = await freshSigner();
        const propose = async (proposed: typeof successor.address | null) =>
            chain.send([
                await registry.getProposeGovernanceInstructionAsync({ governance, admin: await adminNow(), proposed }),
            ]);
        await propose(successor.address);
        await propose(null);
        const accept = chain.send([
            await registry.getAcceptGovernanceInstructionAsync({
                proposedGovernance: successor,
                admin: await adminNow(),
            }),
        ]);
        await expectRefused(accept, 'NotProposedGovernance');
        expect((await readConfig()).governance).toBe(governance.address);
    });
});

describe('the pause', () => {
    const pause = async (guardian: KeyPairSigner, duration: number) =>
        chain.send([await registry.getPauseInstructionAsync({ guardian, admin: await adminNow(), duration })]);

    test('is refused to strangers, and for longer than 72 hours', async () => {
        await expectRefused(pause(await freshSigner(), HOUR), 'NotGuardian');
        await expectRefused(pause(await roleSigner('guardian'), 72 * HOUR + 1), 'PauseDurationInvalid');
        await expectRefused(pause(await roleSigner('guardian'), 0), 'PauseDurationInvalid');
    });

    test('ends by itself, and another must wait for the cool-down [time travel]', async ({ skip }) => {
        skip(!chain.canTravel, 'this validator cannot travel in time');
        const guardian = await roleSigner('guardian');
        const last = (await readConfig()).pause;
        const waited = (await chain.now()) - last.until;
        if (last.until !== 0n && waited < 73n * 3600n) await chain.travel(Number(73n * 3600n - waited));

        const { signature } = await pause(guardian, HOUR);
        const running = (await readConfig()).pause;
        expect(running.until - running.startedAt).toBe(BigInt(HOUR));
        const [event] = await fetchEvents(chain.rpc, signature, await registryEventSource());
        expect(event).toMatchObject({ name: 'Paused', data: { by: guardian.address, ...running } });
        await expectRefused(pause(guardian, HOUR), 'AlreadyPaused');

        await chain.travel(HOUR + 1);
        await expectRefused(pause(guardian, HOUR), 'PauseCoolingDown');
        expect(await chain.now()).toBeGreaterThan(running.until);
    });

    test('cannot be ended by the guardian, nor when none runs', async () => {
        const end = async (governance: KeyPairSigner) =>
            chain.send([await registry.getEndPauseInstructionAsync({ governance, admin: await adminNow() })]);
        await expectRefused(end(await roleSigner('guardian')), 'NotGovernance');
        await expectRefused(end(await roleSigner('governance')), 'NotPaused');
    });
});
