// Codes in pictures and from scanners that type.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { prepareZXingModule } from 'zxing-wasm/reader';
import { beforeAll, describe, expect, test } from 'vitest';

import type { Rules } from '../src/rules';
import { ScanError, readCode } from '../src/scan/read';
import { typed } from '../src/scan/wedge';
import { beside, dataMatrix, paper, png, type Picture } from './harness/picture';
import { loadRules } from './harness/rules';

const text = (serial: string) => `(01)09524000059109(21)${serial}(17)271231(10)A1`;
const blob = (picture: Picture) => new Blob([new Uint8Array(png(picture))]);

let rules: Rules;
beforeAll(async () => {
    rules = await loadRules();
    const file = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
    const wasmBinary = new Uint8Array(await readFile(file)).buffer;
    prepareZXingModule({ overrides: { wasmBinary } });
});

describe('a picture', () => {
    test('gives the code as a scanner sends it, and the rulebook reads it', async () => {
        const code = await readCode(blob(dataMatrix(text('SN000003'))));
        expect(code).toBe(']d2010952400005910921SN000003\u001d1727123110A1');
        expect(rules.parse(code, 2026)).toMatchObject({ gtin: '09524000059109', serial: 'SN000003', lot: 'A1' });
    });

    test('of the same code twice is of one code', async () => {
        const one = dataMatrix(text('SN000003'));
        await expect(readCode(blob(beside(one, one)))).resolves.toContain('SN000003');
    });

    test.each([
        ['two codes', 'several_codes', () => blob(beside(dataMatrix(text('SN000003')), dataMatrix(text('SN000004'))))],
        ['white paper', 'no_code', () => blob(paper(300, 200))],
    ])('of %s is refused as %s', async (_, fault, picture) => {
        const error: unknown = await readCode(picture()).catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(ScanError);
        expect((error as ScanError).fault).toBe(fault);
    });
});

describe('a scanner that types', () => {
    const none = { ctrlKey: false, altKey: false, metaKey: false };

    test('sends its separator as a control character, which is kept', () => {
        expect(typed({ ...none, key: '\u001d' })).toBe('<GS>');
        expect(typed({ ...none, key: ']', ctrlKey: true })).toBe('<GS>');
        expect(rules.parse(']d2010952400005910921SN1<GS>10A1', 2026)).toMatchObject({ serial: 'SN1', lot: 'A1' });
    });

    test('is told from keys that mean something else', () => {
        expect(typed({ ...none, key: 'A' })).toBe('A');
        for (const key of ['Enter', 'Tab', 'Shift', ' ']) expect(typed({ ...none, key })).toBeUndefined();
        expect(typed({ ...none, key: 'c', ctrlKey: true })).toBeUndefined();
    });
});
