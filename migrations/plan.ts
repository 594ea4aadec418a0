// A plan document (the form of `galen claim quote --plan`) as the claims program has it: terms, and a schedule sorted by
// keyed identifiers. What the ledger cannot carry is refused with its place, never left out.
import { type Address, address } from '@solana/kit';
import { z } from 'zod';

import { claims, codeIdentifier } from '../clients/ts/src';
import { MigrationError, invalid } from './config';

/** The default key: no reviewer, no blinding service. */
const NOBODY = '11111111111111111111111111111111' as Address;
const INHERIT_COPAY = 0xffff_ffff;
const INHERIT = 0xffff;
const FLAGS = { covered: 1 << 0, deductibleApplies: 1 << 1, deductibleWaived: 1 << 2, authorization: 1 << 3 };

const cents = z.int().min(0);
const limit = cents.nullable().default(null);
const bps = z.int().min(0).max(10_000);
const days = z.int().min(0).max(0xfffe);
const limits = z.strictObject({ individual: limit, family: limit });

const benefit = z.strictObject({
    code: z.string().min(1),
    allowed: cents,
    covered: z.boolean().default(true),
    category: z.string().nullable().default(null),
    deductible_applies: z.boolean().nullable().default(null),
    copay: cents
        .max(INHERIT_COPAY - 1)
        .nullable()
        .default(null),
    coinsurance_bps: bps.nullable().default(null),
    authorization: z.boolean().default(false),
    frequency_days: days.max(3_653).nullable().default(null),
    max_units: days.min(1).nullable().default(null),
    waiting_days: days.nullable().default(null),
});

const schema = z.strictObject({
    currency: z
        .string()
        .regex(/^[A-Z]{3}$/, 'three capital letters')
        .default('USD'),
    cost_share_order: z.enum(['deductible_first', 'copay_first']).default('deductible_first'),
    deductible: limits.default({ individual: 0, family: null }),
    copay: cents.default(0),
    coinsurance_bps: bps.default(0),
    tiers: z
        .array(z.strictObject({ up_to: limit, coinsurance_bps: bps }))
        .max(8)
        .nullable()
        .default(null),
    recognised_bps: bps.default(10_000),
    out_of_pocket_max: limits.default({ individual: null, family: null }),
    annual_max: limit,
    lifetime_max: limit,
    categories: z.record(z.string(), z.strictObject({ max: limit, period: z.enum(['year', 'lifetime']) })).default({}),
    filing_limit_days: z.int().min(0).max(1_096).default(365),
    waiting_days: z.int().min(0).max(0xffff).default(0),
    coordination: z
        .enum(['standard', 'carve_out', 'maintenance_of_benefits', 'medicare_secondary'])
        .default('standard'),
    out_of_network: z
        .union([
            z.literal('deny'),
            z.strictObject({ coinsurance_bps: bps, deductible: limits, out_of_pocket_max: limits }),
        ])
        .default('deny'),
    clocks: z
        .strictObject({
            prompt_pay_days: days.default(30),
            interest_rate: z.int().min(0).max(100_000).default(0),
            decision_days: days.default(30),
            appeal_levels: z.int().min(0).max(2).default(2),
            appeal_days: days.default(180),
            appeal_decision_days: days.default(30),
            archive_days: days.default(0),
        })
        .prefault({}),
    checks: z
        .strictObject({
            confirmation: z.enum(['off', 'required', 'sampled']).default('off'),
            confirmation_days: days.default(0),
            sampling_bps: bps.default(0),
            reveal_days: days.default(0),
            reviewer: z.string().nullable().default(null),
            review_days: days.default(0),
            review_decision_days: days.default(0),
            blinder: z.string().nullable().default(null),
            entry_days: days.default(0),
        })
        .prefault({}),
    benefits: z.array(benefit).min(1).max(10_000),
});

type PlanDocument = z.infer<typeof schema>;

/** A plan document ready for the ledger. */
export type CompiledPlan = {
    readonly terms: claims.PlanTermsLike;
    readonly clocks: claims.PlanClocks;
    readonly checks: claims.PlanChecksLike;
    readonly entries: claims.BenefitEntryLike[];
};

/** Translates the plan `document` (named `name` in messages) under the code key of the schedule to be. */
export async function compilePlan(document: unknown, codeKey: Uint8Array, name: string): Promise<CompiledPlan> {
    const parsed = schema.safeParse(document);
    if (!parsed.success) throw invalid('plan_invalid', name, parsed.error);
    // Benefits name a category by its place in the order of the names.
    const categories = Object.keys(parsed.data.categories).sort();
    if (categories.length > 8)
        throw new MigrationError('plan_invalid', `${name}: categories: the ledger carries 8`, 'categories');
    return {
        terms: await terms(parsed.data, categories, codeKey),
        clocks: clocks(parsed.data),
        checks: checks(parsed.data),
        entries: await entries(parsed.data, categories, codeKey, name),
    };
}

function clocks({ clocks }: PlanDocument): claims.PlanClocks {
    return {
        promptPayDays: clocks.prompt_pay_days,
        interestRate: clocks.interest_rate,
        decisionDays: clocks.decision_days,
        appealLevels: clocks.appeal_levels,
        appealDays: clocks.appeal_days,
        appealDecisionDays: clocks.appeal_decision_days,
        archiveDays: clocks.archive_days,
    };
}

function checks({ checks }: PlanDocument): claims.PlanChecksLike {
    const { Confirmation } = claims;
    return {
        confirmation: {
            off: Confirmation.Off,
            required: Confirmation.Required,
            sampled: Confirmation.Sampled,
        }[checks.confirmation],
        confirmationDays: checks.confirmation_days,
        samplingBps: checks.sampling_bps,
        revealDays: checks.reveal_days,
        reviewer: checks.reviewer === null ? NOBODY : address(checks.reviewer),
        reviewDays: checks.review_days,
        reviewDecisionDays: checks.review_decision_days,
        entryDays: checks.entry_days,
        blinder: checks.blinder === null ? NOBODY : address(checks.blinder),
    };
}

async function terms(plan: PlanDocument, categories: string[], codeKey: Uint8Array): Promise<claims.PlanTermsLike> {
    const { CategoryPeriod, CoordinationRule, CostShareOrder } = claims;
    const outside = plan.out_of_network;
    return {
        currency: new TextEncoder().encode(plan.currency),
        costShareOrder:
            plan.cost_share_order === 'copay_first' ? CostShareOrder.CopayFirst : CostShareOrder.DeductibleFirst,
        deductible: plan.deductible,
        copay: plan.copay,
        coinsuranceBps: plan.coinsurance_bps,
        recognisedBps: plan.recognised_bps,
        outOfPocketMax: plan.out_of_pocket_max,
        annualMax: plan.annual_max,
        lifetimeMax: plan.lifetime_max,
        filingLimitDays: plan.filing_limit_days,
        waitingDays: plan.waiting_days,
        coordination: {
            standard: CoordinationRule.Standard,
            carve_out: CoordinationRule.CarveOut,
            maintenance_of_benefits: CoordinationRule.MaintenanceOfBenefits,
            medicare_secondary: CoordinationRule.MedicareSecondary,
        }[plan.coordination],
        outOfNetwork:
            outside === 'deny'
                ? null
                : {
                      coinsuranceBps: outside.coinsurance_bps,
                      deductible: outside.deductible,
                      outOfPocketMax: outside.out_of_pocket_max,
                  },
        tiers: (plan.tiers ?? []).map((tier) => ({ upTo: tier.up_to, coinsuranceBps: tier.coinsurance_bps })),
        categories: await Promise.all(
            categories.map(async (name) => ({
                nameKey: await codeIdentifier(codeKey, 'category', name),
                max: plan.categories[name]?.max ?? null,
                period: plan.categories[name]?.period === 'lifetime' ? CategoryPeriod.Lifetime : CategoryPeriod.Year,
            })),
        ),
    };
}

async function entries(
    plan: PlanDocument,
    categories: string[],
    codeKey: Uint8Array,
    name: string,
): Promise<claims.BenefitEntryLike[]> {
    const compiled = await Promise.all(
        plan.benefits.map(async (one, index) => {
            const place = one.category === null ? 0 : categories.indexOf(one.category) + 1;
            if (one.category !== null && place === 0) {
                const at = `benefits[${index}].category`;
                throw new MigrationError(
                    'plan_invalid',
                    `${name}: ${at}: the plan has no category ${one.category}`,
                    at,
                );
            }
            return {
                codeKey: await codeIdentifier(codeKey, 'procedure', one.code),
                allowed: one.allowed,
                copay: one.copay ?? INHERIT_COPAY,
                coinsuranceBps: one.coinsurance_bps ?? INHERIT,
                frequencyDays: one.frequency_days ?? 0,
                waitingDays: one.waiting_days ?? INHERIT,
                maxUnits: one.max_units ?? 0,
                category: place,
                flags:
                    (one.covered ? FLAGS.covered : 0) |
                    (one.deductible_applies === true ? FLAGS.deductibleApplies : 0) |
                    (one.deductible_applies === false ? FLAGS.deductibleWaived : 0) |
                    (one.authorization ? FLAGS.authorization : 0),
                reserved: new Uint8Array(2),
            };
        }),
    );
    const sorted = compiled.sort((a, b) => Buffer.compare(a.codeKey, b.codeKey));
    sorted.forEach((entry, index) => {
        const before = sorted[index - 1];
        if (before !== undefined && Buffer.compare(before.codeKey, entry.codeKey) === 0) {
            throw new MigrationError(
                'plan_invalid',
                `${name}: benefits: two have the same code, or the same identifier under this code key`,
                'benefits',
            );
        }
    });
    return sorted;
}
