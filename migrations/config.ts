// The configuration that a migration brings a cluster to: read strictly, so that a misspelt field is an error and not a
// default. Paths in it are relative to the file itself.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { type Address, type KeyPairSigner, createKeyPairSignerFromBytes, isAddress } from '@solana/kit';
import { z } from 'zod';

import { Permission, registry } from '../clients/ts/src';

const key = z.string().refine((text): text is Address => isAddress(text), 'not an address');
const file = z.string().min(1);
const name = z.string().min(1);
const u16 = z.int().min(0).max(0xffff);
const cents = z.int().min(0);
const date = z.iso.date();

/** Names of an enum that the program's client exports. */
const oneOf = <T extends Record<string, string | number>>(values: T) =>
    z.enum(
        Object.keys(values).filter((one) => Number.isNaN(Number(one))) as [keyof T & string, ...(keyof T & string)[]],
    );

const operator = z.strictObject({
    key,
    permissions: z.array(oneOf(Permission)).min(1),
    /** Last day on which the key may act. */
    expires: date,
});

const organization = z.strictObject({
    name,
    /** Key file: names the organisation and has the authority over it. */
    authority: file,
    kind: oneOf(registry.OrganizationKind),
    identifier: z.strictObject({
        scheme: oneOf(registry.IdentifierScheme),
        value: z.string().regex(/^[\x21-\x7e]{1,20}$/, '1 to 20 ASCII characters'),
    }),
    operators: z.array(operator).default([]),
});

const pool = z.strictObject({
    name,
    insurer: name,
    /** Key file of the insurer's staff, with the permissions ManagePool, PublishPlan and ManageAgreement. */
    operator: file,
    mint: key,
    number: u16,
    /** Signs eligibility tickets; none = the members sign. */
    ticketKey: key.nullable().default(null),
});

const version = z.strictObject({
    effectiveFrom: date,
    /** The plan document, as `galen claim quote --plan` takes it. */
    document: file,
    /**
     * The code key of the version's schedule: a file with 64 hexadecimal digits. The same for all versions of a plan: under another the
     * ledger does not recognise what members have had, nor what was authorised.
     */
    codeKey: file,
});

const plan = z.strictObject({ pool: name, number: u16, versions: z.array(version).min(1).max(16) });

const agreement = z.strictObject({
    pool: name,
    provider: name,
    inNetwork: z.boolean().default(true),
    /** Cents that one claim, and the claims of one day, are paid without a look; null = any amount. */
    limitPerClaim: cents.nullable(),
    limitPerDay: cents.nullable(),
    /** Whether awards wait, their money set aside, to be paid together. */
    netted: z.boolean().default(false),
    /** The provider's token account; null = the associated account of its authority, made if need be. */
    payout: key.nullable().default(null),
});

const bps = z.int().min(0).max(10_000);
const limit = cents.nullable();

const site = z.strictObject({
    organization: name,
    holdbackBps: bps.max(1_000).default(0),
    /** Screening failures whose fees are paid for each `perEnrolled` enrolled; 0 = all. */
    failures: u16.default(0),
    perEnrolled: u16.default(0),
    /** The site's token account; null = the associated account of its authority, made if need be. */
    payout: key.nullable().default(null),
});

const trial = z.strictObject({
    name,
    sponsor: name,
    board: name,
    /** Key file of the sponsor's staff, with the permission ManageTrial. */
    operator: file,
    mint: key,
    number: z.int().min(0).max(0xffff_ffff),
    attestDays: z.int().min(7).max(365).default(30),
    /** Cents of a year from which a tax form is needed; null = never. */
    taxThreshold: limit.default(200_000),
    withholdingBps: bps.default(2_400),
    /** What the ethics board allows, with the key file of its staff (OverseeTrial); null = the board does it itself. */
    caps: z
        .strictObject({
            operator: file,
            perVisit: limit,
            perParticipant: limit,
            perMonth: limit,
            bonusShareBps: bps,
            siteHeldQuota: u16.default(0),
        })
        .nullable()
        .default(null),
    /** Schedules, from number 1, as `galen trial schedule` takes them; they need caps. */
    schedules: z.array(file).default([]),
    sites: z.array(site).default([]),
});

const schema = z.strictObject({
    cluster: z.strictObject({
        rpc: z.url(),
        ws: z.url().optional(),
        /** What the cluster must be; the migration refuses another. */
        genesisHash: z.string().optional(),
    }),
    /** Key file that pays fees and rent. */
    payer: file,
    registry: z.strictObject({
        /** Key file of the programs' upgrade authority; needed once. */
        upgradeAuthority: file.optional(),
        /** Key file of governance, which admits organisations. */
        governance: file,
        guardian: key,
    }),
    organizations: z.array(organization).default([]),
    pools: z.array(pool).default([]),
    plans: z.array(plan).default([]),
    agreements: z.array(agreement).default([]),
    trials: z.array(trial).default([]),
});

export type Config = z.infer<typeof schema>;
export type OrganizationConfig = Config['organizations'][number];
export type PoolConfig = Config['pools'][number];
export type PlanConfig = Config['plans'][number];
export type AgreementConfig = Config['agreements'][number];
export type TrialConfig = Config['trials'][number];
export type SiteConfig = TrialConfig['sites'][number];

/** A mistake of whoever runs the migration, with a name for scripts. */
export class MigrationError extends Error {
    constructor(
        readonly code: string,
        message: string,
        readonly at?: string,
    ) {
        super(message);
    }
}

/** The folder that paths in the configuration start from, and what they lead to. */
export class Files {
    constructor(private readonly folder: string) {}

    async bytes(path: string): Promise<Uint8Array> {
        return readFile(resolve(this.folder, path)).catch((error: NodeJS.ErrnoException) => {
            throw new MigrationError(
                'file_unreadable',
                `${path} cannot be read (${error.code}); paths are relative to the configuration file`,
                path,
            );
        });
    }

    /** The key pair in a key file: 64 numbers, as `solana-keygen` writes them. */
    async signer(path: string): Promise<KeyPairSigner> {
        const parsed = z
            .array(z.int().min(0).max(255))
            .length(64)
            .safeParse(await this.json(path));
        if (!parsed.success)
            throw new MigrationError(
                'key_file_invalid',
                `${path} is not a key file: 64 numbers from 0 to 255 are wanted`,
                path,
            );
        return createKeyPairSignerFromBytes(new Uint8Array(parsed.data));
    }

    /** The 32 bytes of a code key. */
    async codeKey(path: string): Promise<Uint8Array> {
        const text = Buffer.from(await this.bytes(path))
            .toString('utf8')
            .trim();
        if (!/^[0-9a-f]{64}$/i.test(text))
            throw new MigrationError(
                'code_key_invalid',
                `${path} is not a code key: 64 hexadecimal digits are wanted`,
                path,
            );
        return new Uint8Array(Buffer.from(text, 'hex'));
    }

    async json(path: string): Promise<unknown> {
        try {
            return JSON.parse(Buffer.from(await this.bytes(path)).toString('utf8'));
        } catch (error) {
            if (error instanceof MigrationError) throw error;
            throw new MigrationError('json_invalid', `${path}: ${(error as Error).message}`, path);
        }
    }
}

/** Reads the configuration at `path`. */
export async function readConfig(path: string): Promise<{ config: Config; files: Files }> {
    const parsed = schema.safeParse(await new Files(process.cwd()).json(path));
    if (!parsed.success) throw invalid('config_invalid', path, parsed.error);
    checkReferences(parsed.data);
    return { config: parsed.data, files: new Files(dirname(resolve(path))) };
}

/** The first thing wrong with a document, with its place. */
export function invalid(code: string, document: string, error: z.ZodError): MigrationError {
    const [issue] = error.issues;
    const at = (issue?.path ?? []).reduce<string>(
        (place, part) =>
            typeof part === 'number' ? `${place}[${part}]` : `${place}${place === '' ? '' : '.'}${String(part)}`,
        '',
    );
    return new MigrationError(code, `${document}: ${at === '' ? '' : `${at}: `}${issue?.message ?? error.message}`, at);
}

function checkReferences(config: Config): void {
    const organizations = unique('organizations', config.organizations);
    const pools = unique('pools', config.pools);
    const refer = (known: Set<string>, what: string, wanted: string, at: string) => {
        if (!known.has(wanted))
            throw new MigrationError(
                'config_invalid',
                `${at}: there is no ${what} named ${wanted} in the configuration`,
                at,
            );
    };
    config.pools.forEach(({ insurer }, index) =>
        refer(organizations, 'organisation', insurer, `pools[${index}].insurer`),
    );
    config.plans.forEach((one, index) => refer(pools, 'pool', one.pool, `plans[${index}].pool`));
    config.agreements.forEach((one, index) => {
        refer(pools, 'pool', one.pool, `agreements[${index}].pool`);
        refer(organizations, 'organisation', one.provider, `agreements[${index}].provider`);
    });
    unique('trials', config.trials);
    config.trials.forEach((one, index) => {
        refer(organizations, 'organisation', one.sponsor, `trials[${index}].sponsor`);
        refer(organizations, 'organisation', one.board, `trials[${index}].board`);
        one.sites.forEach(({ organization }, place) =>
            refer(organizations, 'organisation', organization, `trials[${index}].sites[${place}].organization`),
        );
    });
}

function unique(what: string, items: readonly { readonly name: string }[]): Set<string> {
    const names = new Set<string>();
    items.forEach((item, index) => {
        if (names.has(item.name))
            throw new MigrationError(
                'config_invalid',
                `${what}[${index}].name: ${item.name} is taken`,
                `${what}[${index}].name`,
            );
        names.add(item.name);
    });
    return names;
}

/** Days since 1970-01-01 of a date that has been read. */
export function daysOf(isoDate: string): number {
    return Date.parse(`${isoDate}T00:00:00Z`) / 86_400_000;
}
