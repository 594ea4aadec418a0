// Organisations with staff: each flow makes its own.
import { type Address, type KeyPairSigner, lamports } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';

import { Permission, refusalOf, registry } from '../../clients/ts/src';
import { type Chain, SendError } from './chain';
import { freshSigner, roleSigner } from './keys';

export const ALL_PERMISSIONS = Object.values(Permission).reduce((all, bit) => all | bit, 0);

const YEAR_SECONDS = 365n * 86_400n;

/** An organisation with its authority and one staff key. */
export type Organization = {
    readonly address: Address;
    readonly authority: KeyPairSigner;
    readonly staff: KeyPairSigner;
    /** The staff key's operator record. */
    readonly staffRecord: Address;
};

/** The admin arguments that an authority account with `sequence` expects now. */
export async function adminArgs(chain: Chain, sequence: bigint): Promise<registry.AdminArgs> {
    return { validUntil: (await chain.now()) + 600n, expectedSequence: sequence };
}

/** A name that no other organisation has, in the scheme `Other`. */
export function someIdentifier(): registry.Identifier {
    const text = `T${crypto.randomUUID().replaceAll('-', '').slice(0, 15).toUpperCase()}`;
    return { scheme: registry.IdentifierScheme.Other, value: identifierBytes(text) };
}

/** ASCII, padded with zeros to the 20 bytes of an identifier. */
export function identifierBytes(text: string): Uint8Array {
    const value = new Uint8Array(20);
    value.set(new TextEncoder().encode(text));
    return value;
}

/** Registers an organisation, which is then pending. */
export async function registerOrganization(
    chain: Chain,
    kind: registry.OrganizationKind,
    identifier: registry.Identifier = someIdentifier(),
): Promise<{ address: Address; authority: KeyPairSigner }> {
    const authority = await freshSigner();
    const [address] = await registry.findOrganizationPda({ id: authority.address });
    await chain.send([
        await registry.getRegisterOrganizationInstructionAsync({
            payer: chain.payer,
            id: authority,
            authority,
            kind,
            identifier,
        }),
    ]);
    return { address, authority };
}

/** Has governance set the status of `organization`. */
export async function setStatus(
    chain: Chain,
    organization: Address,
    status: registry.OrganizationStatus,
    reason: number,
    governance?: KeyPairSigner,
): Promise<void> {
    const signer = governance ?? (await roleSigner('governance'));
    await withFreshSequence(chain, async (sequence) => {
        const admin = await adminArgs(chain, sequence);
        await chain.send([
            await registry.getSetOrganizationStatusInstructionAsync({
                governance: signer,
                organization,
                admin,
                status,
                reason,
            }),
        ]);
    });
}

/** Gives `key` permissions in an organisation, for a year; answers with its record. */
export async function addStaff(
    chain: Chain,
    organization: { address: Address; authority: KeyPairSigner },
    key: Address,
    permissions: number = ALL_PERMISSIONS,
): Promise<Address> {
    const { data } = await registry.fetchOrganization(chain.rpc, organization.address, { commitment: 'confirmed' });
    const admin = await adminArgs(chain, data.sequence);
    await chain.send([
        await registry.getAddOperatorInstructionAsync({
            payer: chain.payer,
            authority: organization.authority,
            organization: organization.address,
            admin,
            key,
            permissions: { bits: permissions },
            expiresAt: (await chain.now()) + YEAR_SECONDS,
        }),
    ]);
    const [record] = await registry.findOperatorPda({ organization: organization.address, key });
    return record;
}

/** A registered, active organisation with one staff key that holds all permissions, both with 10 SOL for rent. */
export async function createOrganization(chain: Chain, kind: registry.OrganizationKind): Promise<Organization> {
    const [authority, staff, governance] = [await freshSigner(), await freshSigner(), await roleSigner('governance')];
    const [address] = await registry.findOrganizationPda({ id: authority.address });
    const [staffRecord] = await registry.findOperatorPda({ organization: address, key: staff.address });
    const rent = lamports(10_000_000_000n);
    const expiresAt = (await chain.now()) + YEAR_SECONDS;
    await withFreshSequence(chain, async (sequence) => {
        const [byGovernance, byAuthority] = [await adminArgs(chain, sequence), await adminArgs(chain, 0n)];
        await chain.send([
            await registry.getRegisterOrganizationInstructionAsync({
                payer: chain.payer,
                id: authority,
                authority,
                kind,
                identifier: someIdentifier(),
            }),
            await registry.getSetOrganizationStatusInstructionAsync({
                governance,
                organization: address,
                admin: byGovernance,
                status: registry.OrganizationStatus.Active,
                reason: 0,
            }),
            await registry.getAddOperatorInstructionAsync({
                payer: chain.payer,
                authority,
                organization: address,
                admin: byAuthority,
                key: staff.address,
                permissions: { bits: ALL_PERMISSIONS },
                expiresAt,
            }),
            ...[staff, authority].map(({ address: destination }) =>
                getTransferSolInstruction({ source: chain.payer, destination, amount: rent }),
            ),
        ]);
    });
    return { address, authority, staff, staffRecord };
}

/** Runs an action of governance's again when another run of it came first: the sequence number is shared. */
async function withFreshSequence(chain: Chain, action: (sequence: bigint) => Promise<void>): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
        const [address] = await registry.findConfigPda();
        const { data } = await registry.fetchConfig(chain.rpc, address, { commitment: 'confirmed' });
        try {
            return await action(data.sequence);
        } catch (error) {
            const name = error instanceof SendError ? refusalOf(error.cause, error.instructions)?.name : undefined;
            if (name !== 'AdminSequenceStale' || attempt === 5) throw error;
        }
    }
}
