// The claims program: pools and agreements. Plans, with their long uploads, have a file of their own.
import { type Address, type KeyPairSigner, fetchEncodedAccount } from '@solana/kit';
import { findAssociatedTokenPda, getCreateAssociatedTokenIdempotentInstructionAsync } from '@solana-program/token';

import { claims, registry } from '../../clients/ts/src';
import type { Cluster } from '../cluster';
import { type AgreementConfig, type Files, MigrationError, type PoolConfig } from '../config';
import type { Report } from '../report';
import type { Organization } from './registry';

const NO_KEY = '11111111111111111111111111111111' as Address;
const NO_LIMIT = 0xffff_ffff_ffff_ffffn;
const confirmed = { commitment: 'confirmed' } as const;

/** A pool of the configuration, on the cluster, with the staff that acts for its insurer. */
export type Pool = {
    readonly address: Address;
    readonly mint: Address;
    readonly tokenProgram: Address;
    readonly insurer: Address;
    readonly operator: KeyPairSigner;
    readonly operatorRecord: Address;
};

/** The accounts that every administrative instruction of an insurer's staff names. */
export function staffAccounts({ address, operator, operatorRecord, insurer }: Pool) {
    return { operator, operatorRecord, insurer, pool: address };
}

/** Creates a pool, and appoints its eligibility desk where that has changed. */
export async function migratePool(
    cluster: Cluster,
    wanted: PoolConfig,
    insurer: Organization,
    files: Files,
    report: Report,
): Promise<Pool> {
    const operator = await files.signer(wanted.operator);
    const [operatorRecord] = await registry.findOperatorPda({ organization: insurer.address, key: operator.address });
    const [address] = await claims.findPoolPda({ insurer: insurer.address, mint: wanted.mint, number: wanted.number });
    const mint = await fetchEncodedAccount(cluster.rpc, wanted.mint, confirmed);
    if (!mint.exists)
        throw new MigrationError(
            'mint_missing',
            `the mint ${wanted.mint} is not on this cluster`,
            `pool ${wanted.name}`,
        );
    const pool = {
        address,
        mint: wanted.mint,
        tokenProgram: mint.programAddress,
        insurer: insurer.address,
        operator,
        operatorRecord,
    };
    const ticketKey = wanted.ticketKey ?? NO_KEY;
    await report.step(`pool ${wanted.name}`, address, async () => {
        const there = await claims.fetchMaybePool(cluster.rpc, address, confirmed);
        if (!there.exists) {
            const create = {
                operator,
                operatorRecord,
                insurer: insurer.address,
                mint: wanted.mint,
                tokenProgram: pool.tokenProgram,
            };
            return [
                await cluster.send([
                    await claims.getCreatePoolInstructionAsync({ ...create, number: wanted.number, ticketKey }),
                ]),
            ];
        }
        if (there.data.ticketKey === ticketKey) return [];
        const admin = await cluster.admin(there.data.sequence);
        return [
            await cluster.send([
                await claims.getSetTicketKeyInstructionAsync({ ...staffAccounts(pool), admin, ticketKey }),
            ]),
        ];
    });
    return pool;
}

/** Offers an agreement, has the provider accept it, and keeps its terms as they are configured. */
export async function migrateAgreement(
    cluster: Cluster,
    wanted: AgreementConfig,
    pool: Pool,
    provider: Organization,
    report: Report,
): Promise<void> {
    const [address] = await claims.findAgreementPda({ pool: pool.address, provider: provider.address });
    const name = `agreement of ${wanted.pool} with ${wanted.provider}`;
    const terms = {
        inNetwork: wanted.inNetwork,
        limitPerClaim: wanted.limitPerClaim === null ? NO_LIMIT : BigInt(wanted.limitPerClaim),
        limitPerDay: wanted.limitPerDay === null ? NO_LIMIT : BigInt(wanted.limitPerDay),
        netted: wanted.netted,
    };
    await report.step(`${name}: offered`, address, async () => {
        const there = await claims.fetchMaybeAgreement(cluster.rpc, address, confirmed);
        if (!there.exists) {
            return [
                await cluster.send([
                    await claims.getOfferAgreementInstructionAsync({
                        ...staffAccounts(pool),
                        provider: provider.address,
                        terms,
                    }),
                ]),
            ];
        }
        const now = there.data.terms;
        if (
            now.inNetwork === terms.inNetwork &&
            now.limitPerClaim === terms.limitPerClaim &&
            now.limitPerDay === terms.limitPerDay &&
            now.netted === terms.netted
        )
            return [];
        const admin = await cluster.admin(there.data.sequence);
        return [
            await cluster.send([
                await claims.getSetAgreementTermsInstructionAsync({
                    ...staffAccounts(pool),
                    agreement: address,
                    admin,
                    terms,
                }),
            ]),
        ];
    });
    await report.step(`${name}: accepted`, address, async () => {
        const { data } = await claims.fetchAgreement(cluster.rpc, address, confirmed);
        if (data.status === claims.AgreementStatus.Active) return [];
        // What the insurer has suspended or ended is not undone by a migration.
        if (data.status !== claims.AgreementStatus.Offered) {
            throw new MigrationError(
                'agreement_not_active',
                `is ${claims.AgreementStatus[data.status]}; see \`galen agreement\``,
            );
        }
        return accept(cluster, wanted, pool, provider, address, data.sequence);
    });
}

async function accept(
    cluster: Cluster,
    wanted: AgreementConfig,
    pool: Pool,
    provider: Organization,
    agreement: Address,
    sequence: bigint,
) {
    const token = { owner: provider.authority.address, mint: pool.mint, tokenProgram: pool.tokenProgram };
    const [associated] = await findAssociatedTokenPda(token);
    const payout = wanted.payout ?? associated;
    const make =
        wanted.payout === null
            ? [await getCreateAssociatedTokenIdempotentInstructionAsync({ ...token, payer: cluster.payer })]
            : [];
    const admin = await cluster.admin(sequence);
    const agree = {
        authority: provider.authority,
        provider: provider.address,
        pool: pool.address,
        agreement,
        payout,
        admin,
    };
    return [await cluster.send([...make, await claims.getAcceptAgreementInstructionAsync(agree)])];
}
