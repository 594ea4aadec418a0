// The registry: its configuration, the organisations and their staff.
import { type Address, type KeyPairSigner, getAddressEncoder, getProgramDerivedAddress } from '@solana/kit';

import { Permission, registry } from '../../clients/ts/src';
import type { Cluster } from '../cluster';
import { type Config, type Files, MigrationError, type OrganizationConfig, daysOf } from '../config';
import type { Report } from '../report';

const UPGRADEABLE_LOADER = 'BPFLoaderUpgradeab1e11111111111111111111111' as Address;
const confirmed = { commitment: 'confirmed' } as const;

/** An organisation of the configuration, on the cluster. */
export type Organization = { readonly address: Address; readonly authority: KeyPairSigner };

/** Configures the registry once. */
export async function migrateConfig(
    cluster: Cluster,
    { registry: wanted }: Config,
    files: Files,
    report: Report,
): Promise<void> {
    const [address] = await registry.findConfigPda();
    const governance = await files.signer(wanted.governance);
    await report.step('registry configuration', address, async () => {
        const there = await registry.fetchMaybeConfig(cluster.rpc, address, confirmed);
        if (there.exists) {
            const { data } = there;
            if (data.governance !== governance.address) {
                throw new MigrationError(
                    'governance_differs',
                    `the registry is governed by ${data.governance}; hand it over with \`galen governance\``,
                    'registry.governance',
                );
            }
            if (data.guardian === wanted.guardian) return [];
            const admin = await cluster.admin(data.sequence);
            return [
                await cluster.send([
                    await registry.getSetGuardianInstructionAsync({ governance, admin, guardian: wanted.guardian }),
                ]),
            ];
        }
        if (wanted.upgradeAuthority === undefined) {
            throw new MigrationError(
                'upgrade_authority_needed',
                'the registry is not configured yet, and only the upgrade authority can do that',
                'registry.upgradeAuthority',
            );
        }
        const program = registry.REGISTRY_PROGRAM_ADDRESS;
        if ((await cluster.data(program)) === undefined) {
            throw new MigrationError(
                'program_missing',
                `the program ${program} is not on this cluster; deploy it with \`galen deploy\``,
            );
        }
        const [programData] = await getProgramDerivedAddress({
            programAddress: UPGRADEABLE_LOADER,
            seeds: [getAddressEncoder().encode(program)],
        });
        const initialize = await registry.getInitializeConfigInstructionAsync({
            payer: cluster.payer,
            upgradeAuthority: await files.signer(wanted.upgradeAuthority),
            registry: program,
            programData,
            governance: governance.address,
            guardian: wanted.guardian,
        });
        return [await cluster.send([initialize])];
    });
}

/** Registers an organisation, has it admitted, and gives its staff their permissions. */
export async function migrateOrganization(
    cluster: Cluster,
    wanted: OrganizationConfig,
    governance: KeyPairSigner,
    files: Files,
    report: Report,
): Promise<Organization> {
    const authority = await files.signer(wanted.authority);
    const [address] = await registry.findOrganizationPda({ id: authority.address });
    await report.step(`organisation ${wanted.name}: registered`, address, () =>
        register(cluster, wanted, authority, address),
    );
    await report.step(`organisation ${wanted.name}: active`, address, () => activate(cluster, governance, address));
    for (const operator of wanted.operators) {
        const [record] = await registry.findOperatorPda({ organization: address, key: operator.key });
        await report.step(`organisation ${wanted.name}: operator ${operator.key}`, record, () =>
            authorize(cluster, operator, { address, authority }, record),
        );
    }
    return { address, authority };
}

async function register(cluster: Cluster, wanted: OrganizationConfig, authority: KeyPairSigner, address: Address) {
    const value = new Uint8Array(20);
    value.set(new TextEncoder().encode(wanted.identifier.value));
    const identifier = { scheme: registry.IdentifierScheme[wanted.identifier.scheme], value };
    const kind = registry.OrganizationKind[wanted.kind];
    const there = await registry.fetchMaybeOrganization(cluster.rpc, address, confirmed);
    if (!there.exists) {
        return [
            await cluster.send([
                await registry.getRegisterOrganizationInstructionAsync({
                    payer: cluster.payer,
                    id: authority,
                    authority,
                    kind,
                    identifier,
                }),
            ]),
        ];
    }
    const same =
        there.data.kind === kind &&
        there.data.identifier.scheme === identifier.scheme &&
        Buffer.compare(new Uint8Array(there.data.identifier.value), value) === 0;
    if (!same)
        throw new MigrationError(
            'organization_differs',
            'is registered as another kind or under another identifier, which never change; use another key',
        );
    if (there.data.authority !== authority.address)
        throw new MigrationError('authority_differs', `is under the authority of ${there.data.authority} by now`);
    return [];
}

async function activate(cluster: Cluster, governance: KeyPairSigner, organization: Address) {
    const { data } = await registry.fetchOrganization(cluster.rpc, organization, confirmed);
    if (data.status === registry.OrganizationStatus.Active) return [];
    // What governance has suspended or closed is not undone by a migration.
    if (data.status !== registry.OrganizationStatus.Pending) {
        throw new MigrationError(
            'organization_not_active',
            `is ${registry.OrganizationStatus[data.status]} for reason ${data.statusReason}`,
        );
    }
    const [configAddress] = await registry.findConfigPda();
    const { data: config } = await registry.fetchConfig(cluster.rpc, configAddress, confirmed);
    const admin = await cluster.admin(config.sequence);
    const set = { governance, organization, admin, status: registry.OrganizationStatus.Active, reason: 0 };
    return [await cluster.send([await registry.getSetOrganizationStatusInstructionAsync(set)])];
}

async function authorize(
    cluster: Cluster,
    wanted: OrganizationConfig['operators'][number],
    organization: Organization,
    record: Address,
) {
    const permissions = { bits: wanted.permissions.reduce((bits, name) => bits | Permission[name], 0) };
    // To the end of the day that is named.
    const expiresAt = BigInt(daysOf(wanted.expires) + 1) * 86_400n;
    const { data } = await registry.fetchOrganization(cluster.rpc, organization.address, confirmed);
    const admin = await cluster.admin(data.sequence);
    const there = await registry.fetchMaybeOperator(cluster.rpc, record, confirmed);
    const common = {
        authority: organization.authority,
        organization: organization.address,
        admin,
        permissions,
        expiresAt,
    };
    if (!there.exists)
        return [
            await cluster.send([
                await registry.getAddOperatorInstructionAsync({ ...common, payer: cluster.payer, key: wanted.key }),
            ]),
        ];
    if (there.data.revokedAt !== 0n)
        throw new MigrationError('operator_revoked', 'has been revoked, which is final; use another key');
    if (there.data.permissions.bits === permissions.bits && there.data.expiresAt === expiresAt) return [];
    return [await cluster.send([await registry.getUpdateOperatorInstructionAsync({ ...common, operator: record })])];
}
