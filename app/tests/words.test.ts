// Nothing is left without words in a second language; the compiler sees to the rest of it.
import { expect, test } from 'vitest';

import { provenance } from '../../clients/ts/src';
import { LANGUAGES, dateOfDays, day, degrees } from '../src/words';
import { FAULTS, REFUSALS } from '../src/words/es';
import { loadRules } from './harness/rules';

test('every fault of a code is told in both languages', async () => {
    const faults = (await loadRules()).faults();
    expect(faults.length).toBeGreaterThan(20);
    for (const { code, message } of faults) {
        expect(LANGUAGES.en.fault(code, message)).toBe(message);
        expect(FAULTS, code).toHaveProperty(code);
    }
});

test('refusals that are translated are refusals that exist', () => {
    const known = new Set([...provenance.provenanceErrors.values()].map(({ name }) => name));
    // Anchor's own: the operator has no record at this pharmacy.
    known.add('AccountNotInitialized');
    expect(Object.keys(REFUSALS).filter((name) => !known.has(name))).toEqual([]);
    expect(LANGUAGES.es.refusal('AlreadyDispensed', 'It has')).toBe(REFUSALS.AlreadyDispensed);
    expect(LANGUAGES.es.refusal('GtinInvalid', 'A GTIN has')).toContain('GtinInvalid');
});

test('days and degrees are written as each language does', () => {
    expect(day('en', '2027-12-31')).toBe('December 31, 2027');
    expect(day('es', '2027-12-31')).toBe('31 de diciembre de 2027');
    expect(dateOfDays(20_527)).toBe('2026-03-15');
    expect(degrees('es', 8_285)).toBe('8,285 °C');
});
