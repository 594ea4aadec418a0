// Every FHIR document that the command line writes, and those that it reads, against HL7's definitions of R4. An insurer, a
// clinic and a member work with the command line alone; what it prints is held against the definitions as it is.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { connect } from '../harness/connect';
import { type Resource, problemsOf } from '../harness/fhir';
import type { Galen } from '../harness/galen';
import { LEI, MEMBER, NPI, type Office, openOffice } from '../harness/office';

const SAMPLES = new URL('../../cli/samples/', import.meta.url);
const POLICY = { system: 'https://insurer.example/policies', value: 'P-1' };
const ADJUDICATION = 'http://terminology.hl7.org/CodeSystem/adjudication';
/** The agreement's limit for a claim that nobody looks at, in cents. */
const LIMIT = 17_000;

/** A resource that a test takes apart. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any;

let office: Office;
let galen: Galen;

const sample = async (name: string): Promise<Loose> => JSON.parse(await readFile(new URL(name, SAMPLES), 'utf8'));
const day = (ago: number): string => office.day(ago);

beforeAll(async () => {
    office = await openOffice(await connect(), await planDocument(), LIMIT);
    galen = office.galen;
});

afterAll(() => galen?.remove());

/** The sample plan, with a service whose share has decimals and one that needs an authorisation. */
async function planDocument(): Promise<Loose> {
    const plan = await sample('plan.json');
    plan.deductible = { individual: 1_000, family: 30_000 };
    plan.lifetime_max = 100_000_000;
    plan.benefits.push(
        { code: 'S9999', allowed: 20_000, coinsurance_bps: 1_250 },
        { code: 'A0428', allowed: 40_000, authorization: true },
    );
    return plan;
}

/** The sample visit so many days ago, as a claim of this clinic's under `number`. */
async function visit(number: string, ago: number): Promise<Loose> {
    const claim = await sample('visit.fhir.json');
    claim.id = number;
    claim.identifier[0].value = number;
    claim.billablePeriod = { start: day(ago), end: day(ago) };
    claim.created = day(0);
    claim.insurer.identifier = LEI;
    for (const item of claim.item) item.servicedDate = day(ago);
    return claim;
}

/** A visit after which another payer has paid half of each line; its answer is contained. */
async function secondary(number: string, ago: number, answer: 'ClaimResponse' | 'ExplanationOfBenefit') {
    const claim = await visit(number, ago);
    const amount = (code: string, value: number) => ({
        category: { coding: [{ system: ADJUDICATION, code }] },
        amount: { value, currency: 'USD' },
    });
    const lines = claim.item.map((item: Loose) => ({
        adjudication: [amount('eligible', item.net.value / 2), amount('benefit', item.net.value / 4)],
        ...(answer === 'ClaimResponse'
            ? { itemSequence: item.sequence }
            : { sequence: item.sequence, productOrService: item.productOrService }),
    }));
    const other = { identifier: { value: 'OTHER-1' } };
    const common = {
        resourceType: answer,
        id: 'first',
        status: 'active',
        type: claim.type,
        use: 'claim',
        patient: { identifier: { value: 'OTHER-M-1' } },
        created: day(1),
        insurer: { identifier: { value: 'OTHER-PAYER' } },
        outcome: 'complete',
        item: lines,
    };
    const explanation = { provider: claim.provider, insurance: [{ focal: true, coverage: other }] };
    claim.contained = [answer === 'ClaimResponse' ? common : { ...common, ...explanation }];
    claim.insurance = [
        { sequence: 1, focal: false, coverage: other, claimResponse: { reference: '#first' } },
        { ...claim.insurance[0], sequence: 2 },
    ];
    return claim;
}

/** Submits a document; the claim's address. */
async function submit(name: string, document: Loose): Promise<string> {
    const file = await galen.write(name, document);
    const { pool, provider, ticket } = office;
    const words = ['--pool', pool, '--provider', provider, '--claim', file, '--ticket', ticket];
    return galen.account('provider', ['claim', 'submit', ...words]);
}

const response = (claim: string) => galen.run<Loose>('clerk', ['claim', 'response', claim]);
const explanation = (claim: string, name: string) =>
    galen.run<Loose>('provider', ['claim', 'explanation', claim, '--claim', galen.path(name)]);
const quote = async (claim: Loose) => {
    const words = ['--plan', await galen.write('plan.json', await planDocument())];
    return galen.answer('provider', ['claim', 'quote', ...words, '--claim', await galen.write('quoted.json', claim)]);
};

const verify = async (document: Loose) =>
    galen.answer('anyone', ['claim', 'verify', await galen.write('verified.json', document)]);

/** What became of a paid claim, as both documents say it; submitted once. */
function paid(): Promise<{ claim: Loose; said: Loose; explained: Loose }> {
    const make = async () => {
        const claim = await visit('P-1', 9);
        const address = await submit('paid.json', claim);
        return { claim, said: await response(address), explained: await explanation(address, 'paid.json') };
    };
    return (paidOnce ??= make());
}
let paidOnce: Promise<{ claim: Loose; said: Loose; explained: Loose }> | undefined;

/** A question about coverage. */
const request = (changes: object = {}): Loose => ({
    resourceType: 'CoverageEligibilityRequest',
    identifier: [{ system: 'https://clinic.example/requests', value: 'E-1' }],
    status: 'active',
    purpose: ['validation', 'benefits', 'auth-requirements', 'discovery'],
    patient: { identifier: { system: 'https://insurer.example/members', value: MEMBER } },
    servicedDate: day(0),
    created: day(0),
    provider: { identifier: NPI },
    insurer: { identifier: LEI },
    insurance: [{ coverage: { identifier: POLICY } }],
    item: ['G0463', 'S9999', 'A0428', 'A9270', 'UNLISTED'].map((code) => ({
        productOrService: { coding: [{ code }] },
    })),
    ...changes,
});
const eligibility = async (document: Loose) => {
    const file = await galen.write('request.json', document);
    return galen.run<Loose>('clerk', ['member', 'eligibility', file, '--pool', office.pool]);
};

/** Valid as R4, and of this type. */
function expectValid(document: Resource, type: string): void {
    expect(document.resourceType).toBe(type);
    expect(problemsOf(document)).toEqual([]);
}

describe('what is read', () => {
    test.each(['visit.fhir.json', 'late.fhir.json'])('the sample %s', async (name) => {
        const claim = await sample(name);
        expectValid(claim, 'Claim');
        const words = ['--plan', fileURLToPath(new URL('plan.json', SAMPLES))];
        const file = fileURLToPath(new URL(name, SAMPLES));
        const { lines } = await galen.run<Loose>('provider', ['claim', 'quote', ...words, '--claim', file]);
        expect(lines).toHaveLength(claim.item.length);
    });

    test('a predetermination, and a claim whose parties, supporting information and details are all stated', async () => {
        const asked = { ...(await visit('Q-1', 0)), use: 'predetermination' };
        const full = await visit('F-1', 0);
        full.contained = [
            {
                resourceType: 'Patient',
                id: 'p',
                identifier: [{ value: MEMBER }],
                gender: 'female',
                birthDate: '1957-03-14',
            },
            { resourceType: 'Organization', id: 'o', identifier: [NPI], name: 'Clinic' },
            {
                resourceType: 'Coverage',
                id: 'c',
                identifier: [POLICY],
                status: 'active',
                beneficiary: { reference: '#p' },
                payor: [{ identifier: LEI }],
            },
        ];
        full.patient = { reference: '#p', identifier: { value: MEMBER } };
        full.provider = { reference: '#o', identifier: NPI };
        full.insurance[0].coverage = { reference: '#c', identifier: POLICY };
        full.supportingInfo = [
            {
                sequence: 1,
                category: { coding: [{ code: 'info' }] },
                code: { coding: [{ code: 'operative-report' }] },
                valueString: 'x',
            },
        ];
        full.item[0].informationSequence = [1];
        full.item[0].locationCodeableConcept = { coding: [{ code: '11' }] };
        full.item[0].modifier = [{ coding: [{ code: 'LT' }] }];
        for (const claim of [asked, full]) {
            expectValid(claim, 'Claim');
            expect(await quote(claim)).toMatchObject({ exit: 0 });
        }
    });

    test.each(['ClaimResponse', 'ExplanationOfBenefit'] as const)(
        'a claim after another payer’s %s',
        async (answer) => {
            const claim = await secondary('S-1', 0, answer);
            expectValid(claim, 'Claim');
            const quoted = await quote(claim);
            const reasons = (quoted.document as Loose).lines[0].adjustments.map((one: Loose) => one.reason);
            expect(reasons).toContain(23);
        },
    );

    test('a Bundle of claims', async () => {
        const entry = [{ fullUrl: 'urn:uuid:6f0d3f0e-0d5c-4d0e-9b0a-3f1f6a3f0001', resource: await visit('B-1', 40) }];
        const bundle = { resourceType: 'Bundle', type: 'collection', entry };
        expectValid(bundle, 'Bundle');
        const file = await galen.write('bundle.json', bundle);
        const table = await galen.write('members.csv', `patient,ticket\n${MEMBER},${office.ticket}\n`);
        const words = ['--pool', office.pool, '--provider', office.provider, '--members', table];
        expect(await galen.run('provider', ['claim', 'batch', file, ...words])).toMatchObject({ filed: 1 });
    });
});

describe('a claim that is written', () => {
    const convert = (name: string, ...more: string[]) =>
        galen.run<Loose>('provider', ['claim', 'convert', name, ...more]);
    const x12 = (name: string) => fileURLToPath(new URL(name, SAMPLES));

    test('from an 837P', async () => {
        const claim = await convert(x12('visit.837'));
        expectValid(claim, 'Claim');
        expectValid(await convert(await galen.write('written.json', claim)), 'Claim');
    });

    test('from an 837P of several: as a Bundle', async () => {
        const day = await readFile(new URL('../x12/tests/documents/day.837', SAMPLES), 'utf8');
        // R4 cannot say that one line is under another authorisation than the rest.
        const bundle = await convert(await galen.write('day.837', day.replace('AUTH10', 'AUTH9')));
        expectValid(bundle, 'Bundle');
        for (const { resource } of bundle.entry) expectValid(resource, 'Claim');
        expect(bundle.entry.some(({ resource }: Loose) => resource.contained !== undefined)).toBe(true);
    });

    test('from a claim in Galen’s own form that says all that it can, and from one that says the least', async () => {
        const lines = [
            {
                code: 'G0463',
                charge: 18_000,
                units: 2,
                modifiers: ['LT'],
                service_date: day(9),
                service_to: day(7),
                authorization: '7',
                place: '11',
                diagnoses: ['J18.9'],
                information: ['onset', 'report'],
                attachments: ['report'],
                other_payer: { allowed: 10_000, paid: 8_000, obligated: 12_000 },
            },
            {
                code: 'J0696',
                charge: 5_000,
                service_date: day(8),
                authorization: '7',
                diagnoses: [],
                other_payer: { allowed: 0, paid: 0 },
            },
        ];
        const parties = { insured: MEMBER, provider: 'http://hl7.org/fhir/sid/us-npi|1234567893' };
        const said = { payer: 'us', referral: 'R-1', provider_type: '207Q00000X', information: ['weight'] };
        const least = { ...parties, service_date: day(9), lines: [{ code: 'G0463', charge: 18_000 }] };
        for (const own of [{ ...parties, ...said, submitted: day(0), lines }, least]) {
            const claim = await convert(await galen.write('own.json', own));
            expectValid(claim, 'Claim');
            const quoted = await quote(claim);
            expect(quoted).toMatchObject({ exit: 0 });
            expect(quoted).toEqual(await quote(own));
        }
    });

    test.each(['ClaimResponse', 'ExplanationOfBenefit'] as const)(
        'from one after another payer’s %s',
        async (answer) => {
            const claim = await secondary('W-1', 0, answer);
            const written = await convert(await galen.write('secondary.json', claim));
            expectValid(written, 'Claim');
            expect(await quote(written)).toEqual(await quote(claim));
        },
    );
});

describe('what became of a claim', () => {
    test('a paid one, whose document was FHIR', async () => {
        const { said, explained } = await paid();
        expectValid(said, 'ClaimResponse');
        expectValid(explained, 'ExplanationOfBenefit');
        expect(explained.payment.amount).toEqual(said.payment.amount);
        expect(explained.item).toHaveLength(3);
    });

    test('one after another payer', async () => {
        const claim = await submit('second.json', await secondary('S-2', 8, 'ClaimResponse'));
        expectValid(await response(claim), 'ClaimResponse');
        expectValid(await explanation(claim, 'second.json'), 'ExplanationOfBenefit');
    });

    test('one whose document names its parties by what it contains', async () => {
        const document = await visit('R-1', 7);
        document.contained = [
            { resourceType: 'Patient', id: 'p', identifier: [{ value: MEMBER }] },
            {
                resourceType: 'Coverage',
                id: 'c',
                status: 'active',
                beneficiary: { reference: '#p' },
                payor: [{ identifier: LEI }],
            },
        ];
        document.patient = { reference: '#p' };
        document.insurance[0].coverage = { reference: '#c', identifier: POLICY };
        expectValid(document, 'Claim');
        const explained = await explanation(await submit('contained.json', document), 'contained.json');
        expectValid(explained, 'ExplanationOfBenefit');
        // Who that is, the clinic's store knows.
        expect(explained.patient).toEqual({ identifier: { value: MEMBER } });
        expect(explained.insurance[0].coverage).toEqual({ identifier: POLICY });
    });

    test('one whose document was not FHIR: of no type, with modifiers and units', async () => {
        const lines = [{ code: 'J0696', units: 4, charge: 5_000, modifiers: ['LT'] }];
        const claim = await submit('own.json', { service_date: day(6), submitted: day(0), lines });
        const explained = await explanation(claim, 'own.json');
        expectValid(await response(claim), 'ClaimResponse');
        expectValid(explained, 'ExplanationOfBenefit');
        expect(explained.item[0].modifier).toHaveLength(1);
    });

    test('one that waits, then is denied', async () => {
        const lines = [{ code: 'S9999', charge: 25_000 }];
        const claim = await submit('large.json', { service_date: day(5), submitted: day(0), lines });
        const [waiting, asked] = [await response(claim), await explanation(claim, 'large.json')];
        expect(waiting.outcome).toBe('queued');
        expectValid(waiting, 'ClaimResponse');
        expectValid(asked, 'ExplanationOfBenefit');
        await galen.run('clerk', ['claim', 'decide', claim, '--deny', '50']);
        const denied = await response(claim);
        expect(denied.disposition).toBe('All lines are denied.');
        expectValid(denied, 'ClaimResponse');
        expectValid(await explanation(claim, 'large.json'), 'ExplanationOfBenefit');
    });

    test('one that is taken back, and the payment from which it is kept back', async () => {
        const lines = [{ code: 'G0463', charge: 9_000 }];
        const first = await submit('first.json', { service_date: day(4), submitted: day(0), lines });
        await galen.run('clerk', ['claim', 'reverse', first, '--reason', '7']);
        const taken = await response(first);
        expect(taken.status).toBe('cancelled');
        expectValid(taken, 'ClaimResponse');
        expectValid(await explanation(first, 'first.json'), 'ExplanationOfBenefit');
        const next = await submit('next.json', { service_date: day(3), submitted: day(0), lines });
        const less = await response(next);
        expect(less.payment.adjustment.value).toBeLessThan(0);
        expectValid(less, 'ClaimResponse');
        expectValid(await explanation(next, 'next.json'), 'ExplanationOfBenefit');
    });
});

describe('questions about coverage', () => {
    test('for every purpose, of services of every kind', async () => {
        const document = request();
        expectValid(document, 'CoverageEligibilityRequest');
        const answer = await eligibility(document);
        expectValid(answer, 'CoverageEligibilityResponse');
        const items = answer.insurance[0].item;
        expect(items.filter((item: Loose) => item.productOrService === undefined).length).toBeGreaterThan(3);
        const shares = items
            .flatMap((item: Loose) => item.benefit ?? [])
            .map((benefit: Loose) => benefit.allowedString);
        expect(shares).toContain('12.50%');
        // The clinic reads what it says.
        const file = await galen.write('answer.json', answer);
        const read = await galen.run<Loose>('provider', ['member', 'coverage', file]);
        expect(read).toMatchObject({ in_force: true, outcome: 'complete', errors: [], currency: 'USD' });
        expect(read.coverages[0].items).toHaveLength(items.length);
    });

    test('as the provider writes one', async () => {
        const who = [
            '--id',
            `https://insurer.example/members|${MEMBER}`,
            '--number',
            'https://clinic.example/requests|E-2',
        ];
        const parties = ['--provider', `npi:${NPI.value}`, '--insurer', `lei:${LEI.value}`];
        const what = ['--coverage', `${POLICY.system}|${POLICY.value}`, '--code', 'G0463', '--code', 'S9999'];
        const days = ['--on', day(0), '--to', day(0)];
        const bare = await galen.run<Loose>('provider', ['member', 'ask', ...who.slice(0, 2), ...parties]);
        for (const asked of [
            bare,
            await galen.run<Loose>('provider', ['member', 'ask', ...who, ...parties, ...what, ...days]),
        ]) {
            expectValid(asked, 'CoverageEligibilityRequest');
            expect((await eligibility(asked)).insurance[0].inforce).toBe(true);
        }
    });

    test.each([
        ['of a day before the coverage', { servicedDate: '2020-06-01' }, false],
        ['of a period', { servicedDate: undefined, servicedPeriod: { start: '2026-01-01', end: '2026-02-01' } }, true],
        ['of now, without a number', { servicedDate: undefined, identifier: undefined, insurance: undefined }, true],
        [
            'about somebody whom it contains',
            {
                contained: [{ resourceType: 'Patient', id: 'p', identifier: [{ value: MEMBER }] }],
                patient: { reference: '#p', identifier: { value: MEMBER } },
            },
            true,
        ],
        ['whether it is in force, and nothing else', { purpose: ['validation'], item: undefined }, true],
    ])('%s', async (_, changes, inForce) => {
        const document = JSON.parse(JSON.stringify(request(changes))) as Loose;
        expectValid(document, 'CoverageEligibilityRequest');
        const answer = await eligibility(document);
        expect(answer.insurance[0].inforce).toBe(inForce);
        expectValid(answer, 'CoverageEligibilityResponse');
    });
});

// Each breaks one rule of a document that is valid as it is; the definitions must refuse it, and so must the command that
// reads it.
describe('a broken document', () => {
    const cases: [string, 'claim' | 'said' | 'explained', (document: Loose) => void, string][] = [
        ['a needed element is missing', 'explained', (one) => delete one.provider, 'Missing required property'],
        [
            'an element of R5',
            'claim',
            (one) => (one.item[0].productOrServiceEnd = { text: 'x' }),
            'additional property',
        ],
        [
            'a text for a number',
            'said',
            (one) => (one.total[0].amount.value = '1.00'),
            'expected number, but got string',
        ],
        ['a number below one', 'said', (one) => (one.item[0].itemSequence = 0), 'Expected number to be positive'],
        ['a month that is not', 'said', (one) => (one.payment.date = '2026-13-01'), 'Invalid date format'],
        ['one value for a list', 'claim', (one) => (one.insurance = one.insurance[0]), 'Expected array of values'],
        ['an empty list', 'explained', (one) => (one.insurance = []), 'nothing in it'],
        ['two of one choice', 'claim', (one) => (one.item[0].servicedPeriod = { start: day(9) }), 'Conflicting choice'],
        ['a required code that is none', 'said', (one) => (one.outcome = 'paid'), 'is none of'],
        ['a currency that is none', 'explained', (one) => (one.total[0].amount.currency = 'USX'), 'is none of'],
        ['a code that its system lacks', 'said', (one) => (category(one).code = 'charged'), 'is no code of'],
        ['a system that is none', 'explained', (one) => (category(one).system += 's'), 'there is no code system'],
        ['a period that ends before it begins', 'claim', (one) => (one.billablePeriod.end = '2000-01-01'), 'per-1'],
        ['a reference to nothing', 'claim', (one) => (one.patient.reference = '#nobody'), 'ref-1'],
        ['a unit without a system', 'claim', (one) => (one.item[1].quantity.code = 'mg'), 'qty-3'],
    ];
    const category = (document: Loose) => document.item[0].adjudication[0].category.coding[0];

    test.each(cases)('%s', async (_, which, spoil, why) => {
        const document = JSON.parse(JSON.stringify((await paid())[which])) as Loose;
        expect(problemsOf(document)).toEqual([]);
        spoil(document);
        expect(problemsOf(document).join('\n')).toContain(why);
        const read = which === 'claim' ? quote(document) : verify(document);
        expect((await read).exit).toBe(1);
    });

    test('a contained resource, and one in a Bundle', async () => {
        const { claim } = await paid();
        const patient = { resourceType: 'Patient', id: 'p', gender: 'x' };
        const named = { ...claim, contained: [patient], patient: { reference: '#p' } };
        expect(problemsOf(named)).toEqual([expect.stringContaining('Claim.contained[0].gender: x is none of')]);
        const bundle = { resourceType: 'Bundle', type: 'collection', total: 1, entry: [{ resource: patient }] };
        expect(problemsOf(bundle)).toEqual([
            expect.stringContaining('bdl-1'),
            expect.stringContaining('Bundle.entry[0].resource.gender: x is none of'),
        ]);
    });

    test('an item of a coverage with neither service nor category, or with both', async () => {
        const answer = await eligibility(request());
        const { category: whole, ...rest } = answer.insurance[0].item[0];
        for (const item of [rest, { ...rest, category: whole, productOrService: { text: 'x' } }]) {
            const broken = { ...answer, insurance: [{ ...answer.insurance[0], item: [item] }] };
            expect(problemsOf(broken)).toEqual([expect.stringContaining('ces-1')]);
        }
    });
});
