// The X12 documents that the command line writes, and the sample that it reads, against the implementation guides as pyx12 has
// them: a validator that is not Galen's. It is written in Python; these flows are skipped where GALEN_X12VALID does not name
// its program `x12valid` (see tests/README.md).
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { connect } from '../harness/connect';
import type { Galen } from '../harness/galen';
import { type Office, openOffice } from '../harness/office';

const SAMPLES = new URL('../../cli/samples/', import.meta.url);
const VALIDATOR = process.env.GALEN_X12VALID;
/** The agreement's limit for a claim that nobody looks at, in cents. */
const LIMIT = 100_000;

type Submitted = { account: { address: string; status: string }; transactions: { signature: string }[] };

let office: Office;
let galen: Galen;
let control = 100;

const sample = (name: string): Promise<string> => readFile(new URL(name, SAMPLES), 'utf8');

/**
 * What the validator finds wrong with a file of the folder: nothing where it is right. Its exit code says nothing, and it
 * complains of itself where it cannot write the 999 that would answer an 835: those have no ST03.
 */
function problemsOf(name: string): Promise<string> {
    const path = galen.path(name);
    return new Promise((resolve) => {
        execFile(VALIDATOR ?? '', [path], (_, stdout, stderr) => {
            const told = `${stdout}${stderr}`.trim();
            const right = told.endsWith(`${path}: OK`) && !told.includes('ERROR Line');
            resolve(right ? '' : `${name}: ${told}`);
        });
    });
}

/** The sample visit so many days ago, under another number. */
async function visit(number: string, ago: number): Promise<string> {
    const text = await sample('visit.837');
    const day = (back: number) => office.day(back).replaceAll('-', '');
    return text.replaceAll('20260302', day(ago)).replaceAll('20260305', day(0)).replaceAll('C-2026-0001', number);
}

describe.skipIf(VALIDATOR === undefined)('X12 documents', () => {
    beforeAll(async () => {
        const plan = JSON.parse(await sample('plan.json')) as Record<string, unknown>;
        office = await openOffice(await connect(), plan, LIMIT);
        galen = office.galen;
        const place = { street: ['4 EXAMPLE STREET'], city: 'EXAMPLE TOWN', state: 'CT', postal_code: '060010000' };
        const contact = { name: 'EDI DESK', telephone: '5550100200' };
        const interchange = (id: string) => ({ interchange: { id } });
        await galen.write('parties.json', {
            payer: { name: 'GALEN INSURER', tax_number: '000000002', ...place, contact, ...interchange('INSURER01') },
            payee: { name: 'CLINIC OF EXAMPLE TOWN', ...interchange('CLINIC01') },
        });
    });
    afterAll(() => galen?.remove());

    async function submit(number: string, ago: number): Promise<Submitted> {
        const file = await galen.write(`${number}.837`, await visit(number, ago));
        expect(await problemsOf(`${number}.837`)).toBe('');
        const { pool, provider, ticket } = office;
        const words = ['--pool', pool, '--provider', provider, '--claim', file, '--ticket', ticket];
        return galen.run('provider', ['claim', 'submit', ...words, '--control-number', number]);
    }

    /** Writes the remittance of what settled a claim, and has it looked at. */
    async function remit(signature: string | undefined, name: string, documents: readonly string[]): Promise<string> {
        const words = ['claim', 'remittance', signature ?? '', '--parties', galen.path('parties.json'), '--test'];
        const named = documents.flatMap((document) => ['--document', galen.path(document)]);
        await galen.run('clerk', [...words, ...named, '--out', galen.path(name)]);
        expect(await problemsOf(name)).toBe('');
        return readFile(galen.path(name), 'utf8');
    }

    test('claims, and what acknowledges them: accepted, and rejected', async () => {
        const good = await sample('visit.837');
        for (const [name, text, accepted] of [
            ['good', good, true],
            ['bad', good.replace('HI*ABK', 'HI*XXX'), false],
            ['sum', good.replace('HC:J0696*50', 'HC:J0696*51'), false],
        ] as const) {
            const file = await galen.write(`${name}.837`, text);
            control += 1;
            const [form, claims] = [`${name}.999`, `${name}.277`];
            const out = ['--out-999', galen.path(form), '--out-277', galen.path(claims)];
            const words = ['claim', 'acknowledge', file, ...out, '--control', String(control)];
            expect((await galen.answer('clerk', words)).exit).toBe(accepted ? 0 : 1);
            expect(await problemsOf(form)).toBe('');
            if (name !== 'bad') expect(await problemsOf(claims)).toBe('');
        }
        expect(await problemsOf('good.837')).toBe('');
    });

    test('remittances: paid in part, denied as a duplicate, taken back and kept back', async () => {
        const first = await submit('X-1', 9);
        const signature = ({ transactions }: Submitted) => transactions.at(-1)?.signature;
        expect(await remit(signature(first), 'first.835', ['X-1.837'])).toContain('CLP*X-1*1*');
        const second = await submit('X-2', 9);
        expect(second.account.status).toBe('denied');
        expect(await remit(signature(second), 'second.835', ['X-2.837'])).toContain('CLP*X-2*');
        const taken = await galen.run<Submitted>('clerk', ['claim', 'reverse', first.account.address, '--reason', '7']);
        expect(await remit(signature(taken), 'taken.835', ['X-1.837'])).toContain('CLP*X-1*22*');
        const third = await submit('X-3', 3);
        expect(await remit(signature(third), 'third.835', ['X-3.837'])).toContain('PLB*');
    });

    test('what is broken is told', async () => {
        const good = await sample('visit.837');
        for (const [from, to] of [
            ['SV1*HC:G0463*180', 'SV1*HC:G0463*ABC'],
            ['CLM*C-2026-0001*265', 'CLM**265'],
            ['NM1*85*2', 'NM1*85*9'],
            ['SE*33', 'SE*32'],
            ['HI*ABK', 'HI*XXX'],
        ] as const) {
            expect(good).toContain(from);
            await galen.write('broken.837', good.replace(from, to));
            expect(await problemsOf('broken.837')).not.toBe('');
        }
    });
});
