// Staff keys and credentials: given, changed, revoked for good.
import type { Address } from '@solana/kit';
import { beforeAll, describe, expect, test } from 'vitest';

import { Permission, fetchEvents, registry, registryEventSource } from '../../clients/ts/src';
import type { Chain } from '../harness/chain';
import { connect } from '../harness/connect';
import { freshSigner } from '../harness/keys';
import { ALL_PERMISSIONS, type Organization, addStaff, adminArgs, createOrganization } from '../harness/organizations';
import { expectRefused } from '../harness/refused';

let chain: Chain;
beforeAll(async () => {
    chain = await connect();
});

const confirmed = { commitment: 'confirmed' } as const;
const sequenceOf = async (organization: Address) =>
    (await registry.fetchOrganization(chain.rpc, organization, confirmed)).data.sequence;

describe('a staff key', () => {
    let organization: Organization;
    beforeAll(async () => {
        organization = await createOrganization(chain, registry.OrganizationKind.Insurer);
    });

    const update = async (operator: Address, bits: number, expiresAt: bigint, authority = organization.authority) =>
        chain.send([
            await registry.getUpdateOperatorInstructionAsync({
                authority,
                organization: organization.address,
                operator,
                admin: await adminArgs(chain, await sequenceOf(organization.address)),
                permissions: { bits },
                expiresAt,
            }),
        ]);

    test('gets permissions, loses some, and is revoked for good', async () => {
        const key = (await freshSigner()).address;
        const record = await addStaff(chain, organization, key, Permission.Fund | Permission.SubmitClaim);
        const added = (await registry.fetchOperator(chain.rpc, record, confirmed)).data;
        expect(added).toMatchObject({ organization: organization.address, key, revokedAt: 0n });
        expect(added.permissions.bits).toBe(Permission.Fund | Permission.SubmitClaim);

        const later = added.expiresAt + 60n;
        const { signature } = await update(record, Permission.Fund, later);
        const updated = (await registry.fetchOperator(chain.rpc, record, confirmed)).data;
        expect(updated).toMatchObject({ permissions: { bits: Permission.Fund }, expiresAt: later });
        const [event] = await fetchEvents(chain.rpc, signature, await registryEventSource());
        expect(event).toMatchObject({
            name: 'OperatorUpdated',
            data: {
                operator: record,
                previousPermissions: added.permissions,
                permissions: updated.permissions,
                previousExpiresAt: added.expiresAt,
                expiresAt: later,
            },
        });

        await chain.send([
            await registry.getRevokeOperatorInstructionAsync({
                authority: organization.authority,
                organization: organization.address,
                operator: record,
                admin: await adminArgs(chain, await sequenceOf(organization.address)),
            }),
        ]);
        expect((await registry.fetchOperator(chain.rpc, record, confirmed)).data.revokedAt).toBeGreaterThan(0n);
        await expectRefused(update(record, Permission.Fund, later), 'OperatorRevoked');
        await expectRefused(addStaff(chain, organization, key), 'OperatorExists');
    });

    test('is refused with no permission, an unknown one, or an expiry in the past', async () => {
        const now = await chain.now();
        await expectRefused(update(organization.staffRecord, 0, now + 60n), 'PermissionsInvalid');
        await expectRefused(update(organization.staffRecord, ALL_PERMISSIONS + 1, now + 60n), 'PermissionsInvalid');
        await expectRefused(update(organization.staffRecord, ALL_PERMISSIONS, now - 60n), 'ExpiryInPast');
    });

    test("is not given by a key that is not the organisation's authority, nor changed through another organisation", async () => {
        const stranger = await createOrganization(chain, registry.OrganizationKind.Insurer);
        const given = addStaff(
            chain,
            { ...organization, authority: stranger.authority },
            (await freshSigner()).address,
        );
        await expectRefused(given, 'NotOrganizationAuthority');
        const changed = update(stranger.staffRecord, Permission.Fund, (await chain.now()) + 60n);
        await expectRefused(changed, 'OperatorOfOtherOrganization');
    });
});

describe('a credential', () => {
    const TRADING_PARTNER = 1;
    let issuer: Organization;
    let subject: Organization;
    beforeAll(async () => {
        issuer = await createOrganization(chain, registry.OrganizationKind.Regulator);
        subject = await createOrganization(chain, registry.OrganizationKind.Provider);
    });

    const addressOf = async (number: number) =>
        (
            await registry.findCredentialPda({
                issuer: issuer.address,
                subject: subject.address,
                kind: TRADING_PARTNER,
                number,
            })
        )[0];

    async function issue(
        number: number,
        staff = issuer.staff,
        operator = issuer.staffRecord,
        from = 0n,
        until = 86_400n,
    ) {
        const now = await chain.now();
        return chain.send([
            await registry.getIssueCredentialInstructionAsync({
                payer: chain.payer,
                operatorKey: staff,
                operator,
                issuer: issuer.address,
                subject: subject.address,
                credential: await addressOf(number),
                terms: { kind: TRADING_PARTNER, number, validFrom: now + from, validUntil: now + until },
            }),
        ]);
    }

    const revoke = async (number: number, reason: number, by: Organization = issuer) =>
        chain.send([
            await registry.getRevokeCredentialInstructionAsync({
                operatorKey: by.staff,
                operator: by.staffRecord,
                issuer: by.address,
                credential: await addressOf(number),
                reason,
            }),
        ]);

    test('never issued, issued and revoked are three different answers', async () => {
        const address = await addressOf(1);
        expect((await registry.fetchMaybeCredential(chain.rpc, address, confirmed)).exists).toBe(false);
        await issue(1);
        expect((await registry.fetchCredential(chain.rpc, address, confirmed)).data).toMatchObject({
            issuer: issuer.address,
            subject: subject.address,
            kind: TRADING_PARTNER,
            number: 1,
            revokedAt: 0n,
        });
        const { signature } = await revoke(1, 42);
        const { data } = await registry.fetchCredential(chain.rpc, address, confirmed);
        expect(data).toMatchObject({ revocationReason: 42, revokedBy: issuer.staff.address });
        expect(data.revokedAt).toBeGreaterThan(0n);
        const [event] = await fetchEvents(chain.rpc, signature, await registryEventSource());
        expect(event).toMatchObject({
            name: 'CredentialRevoked',
            data: { credential: address, reason: 42, by: issuer.staff.address },
        });
        await expectRefused(revoke(1, 43), 'CredentialRevoked');
    });

    test('is revoked with a reason only, and by its issuer only', async () => {
        await issue(2);
        await expectRefused(revoke(2, 0), 'RevocationReasonMissing');
        await expectRefused(revoke(2, 1, subject), 'NotCredentialIssuer');
        expect((await registry.fetchCredential(chain.rpc, await addressOf(2), confirmed)).data.revokedAt).toBe(0n);
    });

    test('is not issued by staff without the permission, of another organisation, or for an empty window', async () => {
        const clerk = await freshSigner();
        const record = await addStaff(chain, issuer, clerk.address, Permission.Fund);
        await expectRefused(issue(3, clerk, record), 'PermissionMissing');
        await expectRefused(issue(3, subject.staff, subject.staffRecord), 'OperatorOfOtherOrganization');
        await expectRefused(issue(3, clerk, issuer.staffRecord), 'OperatorKeyMismatch');
        await expectRefused(issue(3, issuer.staff, issuer.staffRecord, 60n, 60n), 'CredentialWindowInvalid');
        expect(await chain.data(await addressOf(3))).toBeUndefined();
    });
});
