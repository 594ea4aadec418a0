// The rulebook in WebAssembly: what crosses the boundary, and that files and answers of any size do.
import { beforeAll, describe, expect, test } from 'vitest';

import { isMarked } from '../../clients/ts/src';
import { Tree } from '../../tests/harness/packs';
import { hexOf } from '../src/ledger/bytes';
import { RuleError, type Rules } from '../src/rules';
import { leafFile } from './harness/leaves';
import { loadRules } from './harness/rules';

const GTIN = '09524000059109';

let rules: Rules;
beforeAll(async () => {
    rules = await loadRules();
});

function refusal(action: () => unknown): string {
    try {
        action();
    } catch (error) {
        if (error instanceof RuleError) return error.fault.code;
        throw error;
    }
    return expect.fail('was accepted');
}

describe('the rulebook', () => {
    test('reads a code, and refuses others by name', () => {
        expect(rules.parse(`(01)${GTIN}(21)SN1(17)270200`, 2026)).toMatchObject({
            gtin: GTIN,
            serial: 'SN1',
            lot: null,
            expiry: { date: '2027-02-28', is_month: true },
        });
        expect(refusal(() => rules.parse('(01)09524000059108', 2026))).toBe('bad_check_digit');
        expect(refusal(() => rules.parse('(21)SN1', 2026))).toBe('missing_ai');
    });

    test('proves a pack from a leaf file, as the harness does', () => {
        const tree = new Tree(GTIN, [3, 1, 1], 30);
        const opened = rules.openLeaves(leafFile(tree));
        expect(opened).toEqual({ root: hexOf(tree.root()), gtin: GTIN, count: 30 });
        const wanted = { root: opened.root, gtin: GTIN, serial: 'SN000017', layout: [3, 1, 1], page_height: 5 };
        const { salt, siblings } = tree.proof(17);
        expect(rules.prove(wanted)).toEqual({
            found: 'member',
            index: 17,
            salt: hexOf(salt as Uint8Array),
            siblings: siblings.map((sibling) => hexOf(sibling as Uint8Array)),
            is_elsewhere: false,
        });
        expect(rules.prove({ ...wanted, serial: 'SN000030' })).toEqual({ found: 'nowhere' });
        expect(rules.prove({ ...wanted, serial: 'sn000017' })).toEqual({ found: 'other_case', serial: 'SN000017' });
        expect(rules.prove({ ...wanted, root: '00'.repeat(32) })).toEqual({ found: 'no_file' });
    });

    test('refuses what is no leaf file, however large', () => {
        expect(refusal(() => rules.openLeaves(new Uint8Array(30_000_000)))).toBe('not_a_leaf_file');
        expect(refusal(() => rules.openLeaves(new Uint8Array(0)))).toBe('not_a_leaf_file');
        // The memory has moved meanwhile; what is asked next is answered all the same.
        expect(rules.parse(`(01)${GTIN}(21)${'A'.repeat(20)}`, 2026).serial).toBe('A'.repeat(20));
    });
});

test('a mark on a page is the bit of the pack', () => {
    const page = new Uint8Array(144 + 4);
    page[144 + 2] = 0b10;
    const marked = Array.from({ length: 32 }, (_, index) => isMarked(page, 5, BigInt(index)));
    expect(marked.flatMap((is, index) => (is ? [index] : []))).toEqual([17]);
    expect(isMarked(page, 5, 32n + 17n)).toBe(true);
    expect(() => isMarked(page, 6, 40n)).toThrow(RangeError);
});
