// Organisations come, are admitted, change hands and go; only the right keys can do each.
import { beforeAll, describe, expect, test } from 'vitest';

import { fetchEvents, registry, registryEventSource } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { freshSigner, roleSigner } from '../harness/keys';
import {
    adminArgs,
    createOrganization,
    identifierBytes,
    registerOrganization,
    setStatus,
    someIdentifier,
} from '../harness/organizations';
import { expectRefused } from '../harness/refused';

const { IdentifierScheme, OrganizationKind, OrganizationStatus } = registry;

let chain: Chain;
beforeAll(async () => {
    chain = await connect();
});

const read = async (address: Parameters<typeof registry.fetchOrganization>[1]) =>
    (await registry.fetchOrganization(chain.rpc, address, { commitment: 'confirmed' })).data;

describe('an organisation', () => {
    test('registers as pending, under its identifier, and says so in an event', async () => {
        const authority = await freshSigner();
        const identifier = { scheme: IdentifierScheme.Npi, value: identifierBytes('1234567893') };
        const [address] = await registry.findOrganizationPda({ id: authority.address });
        const { signature } = await chain.send([
            await registry.getRegisterOrganizationInstructionAsync({
                payer: chain.payer,
                id: authority,
                authority,
                kind: OrganizationKind.Provider,
                identifier,
            }),
        ]);
        const organization = await read(address);
        expect(organization).toMatchObject({
            id: authority.address,
            authority: authority.address,
            status: OrganizationStatus.Pending,
            operators: 0,
        });
        expect(organization.identifier).toEqual(identifier);

        const events = await fetchEvents(chain.rpc, signature, await registryEventSource());
        expect(events).toHaveLength(1);
        expect(events[0]).toMatchObject({
            name: 'OrganizationRegistered',
            data: {
                organization: address,
                id: organization.id,
                kind: organization.kind,
                identifier,
                authority: organization.authority,
            },
        });
    });

    test.each([
        ['an NPI with a wrong check digit', IdentifierScheme.Npi, '1234567894'],
        ['an NPI of nine digits', IdentifierScheme.Npi, '123456789'],
        ['a GLN with a wrong check digit', IdentifierScheme.Gln, '4006381333930'],
        ['a LEI with wrong check digits', IdentifierScheme.Lei, '5493001KJTIIGC8Y1R13'],
        ['an empty identifier', IdentifierScheme.Other, ''],
    ])('is refused with %s', async (_, scheme, text) => {
        const registering = registerOrganization(chain, OrganizationKind.Provider, {
            scheme,
            value: identifierBytes(text),
        });
        await expectRefused(registering, 'IdentifierInvalid');
    });

    test.each([
        ['NPI', IdentifierScheme.Npi, '1245319599'],
        ['GLN', IdentifierScheme.Gln, '4006381333931'],
        ['LEI', IdentifierScheme.Lei, '5493001KJTIIGC8Y1R12'],
    ])('is accepted with a right %s', async (_, scheme, text) => {
        const { address } = await registerOrganization(chain, OrganizationKind.Insurer, {
            scheme,
            value: identifierBytes(text),
        });
        expect((await read(address)).identifier.value).toEqual(identifierBytes(text));
    });

    test('is admitted, suspended, re-admitted and closed by governance, and closed is final', async () => {
        const { address } = await registerOrganization(chain, OrganizationKind.Insurer);
        await setStatus(chain, address, OrganizationStatus.Active, 0);
        await setStatus(chain, address, OrganizationStatus.Suspended, 7);
        expect(await read(address)).toMatchObject({ status: OrganizationStatus.Suspended, statusReason: 7 });
        await setStatus(chain, address, OrganizationStatus.Active, 0);
        expect(await read(address)).toMatchObject({ status: OrganizationStatus.Active, statusReason: 0 });
        await setStatus(chain, address, OrganizationStatus.Closed, 9);
        await expectRefused(setStatus(chain, address, OrganizationStatus.Active, 0), 'StatusTransitionInvalid');
        expect(await read(address)).toMatchObject({ status: OrganizationStatus.Closed, statusReason: 9 });
    });

    test('cannot be suspended without a reason, admitted with one, or suspended while pending', async () => {
        const { address } = await registerOrganization(chain, OrganizationKind.Insurer);
        await expectRefused(setStatus(chain, address, OrganizationStatus.Suspended, 1), 'StatusTransitionInvalid');
        await expectRefused(setStatus(chain, address, OrganizationStatus.Active, 1), 'StatusReasonInvalid');
        await setStatus(chain, address, OrganizationStatus.Active, 0);
        await expectRefused(setStatus(chain, address, OrganizationStatus.Suspended, 0), 'StatusReasonInvalid');
        expect(await read(address)).toMatchObject({ status: OrganizationStatus.Active, statusReason: 0 });
    });

    test('is not admitted by a key that does not govern', async () => {
        const { address, authority } = await registerOrganization(chain, OrganizationKind.Insurer);
        await expectRefused(setStatus(chain, address, OrganizationStatus.Active, 0, authority), 'NotGovernance');
        expect((await read(address)).status).toBe(OrganizationStatus.Pending);
    });

    test('is not admitted by a signature that has expired or was meant for an earlier moment', async () => {
        const { address } = await registerOrganization(chain, OrganizationKind.Insurer);
        const governance = await roleSigner('governance');
        const [configAddress] = await registry.findConfigPda();
        const { data: config } = await registry.fetchConfig(chain.rpc, configAddress, { commitment: 'confirmed' });
        const attempt = async (admin: registry.AdminArgs) =>
            chain.send([
                await registry.getSetOrganizationStatusInstructionAsync({
                    governance,
                    organization: address,
                    admin,
                    status: OrganizationStatus.Active,
                    reason: 0,
                }),
            ]);
        const now = await chain.now();
        await expectRefused(attempt({ validUntil: now - 10n, expectedSequence: config.sequence }), 'AdminExpired');
        await expectRefused(
            attempt({ validUntil: now + 600n, expectedSequence: config.sequence + 1n }),
            'AdminSequenceStale',
        );
        await expectRefused(
            attempt({ validUntil: now + 600n, expectedSequence: config.sequence - 1n }),
            'AdminSequenceStale',
        );
        expect((await read(address)).status).toBe(OrganizationStatus.Pending);
    });

    test('keeps its name: a second registration under the same id is refused', async () => {
        const { authority, address } = await registerOrganization(chain, OrganizationKind.Insurer);
        const before = await chain.data(address);
        const again = chain.send([
            await registry.getRegisterOrganizationInstructionAsync({
                payer: chain.payer,
                id: authority,
                authority,
                kind: OrganizationKind.Regulator,
                identifier: someIdentifier(),
            }),
        ]);
        // The system program's error 0: the account exists.
        expect((await expectRefused(again, 'custom program error 0')).logs.join('\n')).toContain('already in use');
        expect(await chain.data(address)).toEqual(before);
    });
});

describe('the authority of an organisation', () => {
    test('changes hands in two steps, and the old key is out', async () => {
        const { address, authority } = await createOrganization(chain, OrganizationKind.Provider);
        const successor = await freshSigner();
        await chain.send([
            await registry.getProposeAuthorityInstructionAsync({
                authority,
                organization: address,
                admin: await adminArgs(chain, (await read(address)).sequence),
                proposed: successor.address,
            }),
        ]);
        expect((await read(address)).authority).toBe(authority.address);
        const { signature } = await chain.send([
            await registry.getAcceptAuthorityInstructionAsync({
                proposedAuthority: successor,
                organization: address,
                admin: await adminArgs(chain, (await read(address)).sequence),
            }),
        ]);
        const after = await read(address);
        expect(after).toMatchObject({ authority: successor.address, proposedAuthority: { __option: 'None' } });
        const [event] = await fetchEvents(chain.rpc, signature, await registryEventSource());
        expect(event).toMatchObject({
            name: 'AuthorityAccepted',
            data: { organization: address, previous: authority.address, authority: successor.address },
        });

        const byTheOld = chain.send([
            await registry.getProposeAuthorityInstructionAsync({
                authority,
                organization: address,
                admin: await adminArgs(chain, after.sequence),
                proposed: authority.address,
            }),
        ]);
        await expectRefused(byTheOld, 'NotOrganizationAuthority');
    });

    test('goes to nobody to whom it was not offered', async () => {
        const { address, authority } = await createOrganization(chain, OrganizationKind.Provider);
        const stranger = await freshSigner();
        const accept = async () =>
            chain.send([
                await registry.getAcceptAuthorityInstructionAsync({
                    proposedAuthority: stranger,
                    organization: address,
                    admin: await adminArgs(chain, (await read(address)).sequence),
                }),
            ]);
        await expectRefused(accept(), 'NotProposedAuthority');
        await chain.send([
            await registry.getProposeAuthorityInstructionAsync({
                authority,
                organization: address,
                admin: await adminArgs(chain, (await read(address)).sequence),
                proposed: (await freshSigner()).address,
            }),
        ]);
        await expectRefused(accept(), 'NotProposedAuthority');
        expect((await read(address)).authority).toBe(authority.address);
    });
});
