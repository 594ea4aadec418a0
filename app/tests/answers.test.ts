// Every answer of the page, in words, on a validator with the real programs; each looked at by axe and kept as a picture.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Level, provenance, recordAddress } from '../../clients/ts/src';
import type { Chain } from '../../tests/harness/chain';
import { connect } from '../../tests/harness/connect';
import { register, report } from '../../tests/harness/devices';
import { freshSigner } from '../../tests/harness/keys';
import { Tree, dispense, fill, reserve, someGtin } from '../../tests/harness/packs';
import type { Language } from '../src/words';
import { Desk, type Visit, launch } from './harness/browser';
import { leafFile } from './harness/leaves';
import { LIFE, type Stock, printed, recall, setStatus, stock } from './harness/story';

/** USP <659>: 2 to 8 degrees. */
const STORAGE_COLD = 2;
const pack = (index: number) => ({ level: Level.Pack, index: BigInt(index) });

let browser: Browser;
let chain: Chain;
let goods: Stock;
/** Nobody records its way. */
let untracked: Stock;
beforeAll(async () => {
    [browser, chain] = await Promise.all([launch(), connect()]);
    [goods, untracked] = [await stock(chain), await stock(chain, { policy: 0 })];
    const { packs } = goods;
    await chain.send([await dispense(packs, 3, packs.pharmacy)]);
    const claim = await freshSigner();
    await chain.send([await reserve(packs, 6, packs.pharmacy, claim.address, 86_400n)]);
    await recall(chain, goods, pack(4), provenance.ClassArg.One);
    await setStatus(chain, goods, pack(5), packs.pharmacy, provenance.StatusAction.Quarantine);
    for (const [index, grade] of [
        [11, provenance.ClassArg.Two],
        [12, provenance.ClassArg.Three],
        [13, provenance.ClassArg.Unset],
    ] as const)
        await recall(chain, goods, pack(index), grade);
    await setStatus(chain, goods, pack(2), packs.pharmacy, provenance.StatusAction.Suspect);
    await setStatus(chain, goods, pack(2), packs.pharmacy, provenance.StatusAction.Condemn);
    await setStatus(chain, goods, pack(7), packs.pharmacy, provenance.StatusAction.ReportTheft);
});
afterAll(() => browser?.close());

/** Opens the page at the pharmacy of `goods`, with their leaf file, does what is to be done, and closes it. */
async function at(of: Stock, work: (desk: Desk) => Promise<void>, visit: Visit = {}): Promise<void> {
    const desk = await Desk.open(browser, { pharmacy: of.packs.pharmacy.address, ...visit });
    try {
        await desk.addLeaves(of.leaves);
        await work(desk);
    } finally {
        await desk.close();
    }
}

/** Asks for a code, expects an answer with these words, and looks at the whole. */
async function expectAnswer(desk: Desk, text: string, name: string, words: readonly string[], shot: string) {
    await desk.ask(text);
    const said = await desk.answer(name);
    for (const word of words) expect(said).toContain(word);
    if ((await desk.page.locator('[data-journey]').count()) > 0) await desk.journey();
    await desk.inspect(shot);
}

/** What is asked, what is answered, and in which words: English, Spanish. */
type Row = readonly [
    shot: string,
    code: (of: Stock) => string,
    answer: string,
    words: Readonly<Record<Language, readonly string[]>>,
];

const ROWS: readonly Row[] = [
    ['sellable', (of) => printed(of, 1), 'sellable', { en: ['Genuine and sellable'], es: ['Auténtico y vendible'] }],
    [
        'recalled',
        (of) => printed(of, 4),
        'recalled',
        {
            en: [
                'Recalled: class I',
                'Do not dispense it: back to who recalled it',
                'down to pharmacies and hospitals',
            ],
            es: ['Retirado: clase I', 'No lo dispense: vuelve a quien lo retiró', 'hasta farmacias y hospitales'],
        },
    ],
    ['recalled-two', (of) => printed(of, 11), 'recalled', { en: ['Recalled: class II'], es: ['Retirado: clase II'] }],
    [
        'recalled-three',
        (of) => printed(of, 12),
        'recalled',
        { en: ['Recalled: class III'], es: ['Retirado: clase III'] },
    ],
    ['recalled-unset', (of) => printed(of, 13), 'recalled', { en: ['class not set yet'], es: ['clase aún sin fijar'] }],
    [
        'dispensed',
        (of) => printed(of, 3),
        'dispensed',
        { en: ['Already dispensed on', 'at your pharmacy'], es: ['Ya dispensado el', 'en su farmacia'] },
    ],
    [
        'reserved',
        (of) => printed(of, 6),
        'reserved',
        {
            en: ['Kept for a claim until', 'Your pharmacy keeps it.', 'The claim: '],
            es: ['Reservado para una reclamación hasta el', 'Lo reserva su farmacia.', 'La reclamación: '],
        },
    ],
    [
        'not-in-custody',
        (of) => printed(of, 8),
        'not_in_custody',
        { en: ['Not in your custody'], es: ['No está bajo su custodia'] },
    ],
    [
        'not-sellable',
        (of) => printed(of, 5),
        'not_sellable',
        { en: ['Not to be sold: in quarantine'], es: ['No puede venderse: en cuarentena'] },
    ],
    [
        'illegitimate',
        (of) => printed(of, 2),
        'not_sellable',
        { en: ['found not to be genuine'], es: ['no auténtico o no apto'] },
    ],
    ['stolen', (of) => printed(of, 7), 'not_sellable', { en: ['reported stolen'], es: ['denunciado como robado'] }],
    [
        'expiry-differs',
        (of) => printed({ ...of, expiry: of.expiry + 1 }, 1),
        'expiry_differs',
        { en: ['the expiry differs'], es: ['la caducidad no coincide'] },
    ],
    [
        'unknown-product',
        (of) => printed(of, 1).replace(of.packs.tree.gtin, someGtin()),
        'unknown_product',
        { en: ['Unknown product'], es: ['Producto desconocido'] },
    ],
    [
        'unknown-batch',
        (of) => printed(of, 1, 'B2'),
        'unknown_batch',
        { en: ['Unknown batch'], es: ['Lote desconocido'] },
    ],
    ['unknown-serial', (of) => printed(of, 30), 'unknown_serial', { en: ['Unknown pack'], es: ['Envase desconocido'] }],
    [
        'serial-case',
        (of) => printed(of, 1).replace('SN', 'sn'),
        'serial_case',
        {
            en: ['upper and lower case differ', 'no pack sn000001, but SN000001'],
            es: ['las mayúsculas y minúsculas no coinciden', 'ningún envase sn000001, pero sí SN000001'],
        },
    ],
    [
        'incomplete',
        (of) => `(01)${of.packs.tree.gtin}`,
        'incomplete',
        {
            en: ['does not say enough', 'serial number (21), lot (10)'],
            es: ['no dice bastante', 'número de serie (21), lote (10)'],
        },
    ],
    [
        'bad-check-digit',
        () => '(01)09524000059108(21)SN1(10)A1',
        'bad_check_digit',
        { en: ['The check digit does not fit', 'At (01)'], es: ['El dígito de control no encaja', 'En (01)'] },
    ],
];

describe.each(['en', 'es'] as const)('in %s, the page says of a pack', (language) => {
    // One visit: each code follows on another, as at a counter.
    let desk: Desk;
    beforeAll(async () => {
        desk = await Desk.open(browser, { language, pharmacy: goods.packs.pharmacy.address });
    });
    afterAll(() => desk?.close());

    test('cannot tell, without the leaf file of its batch', async () => {
        const words = { en: ['the leaf file of the batch is missing'], es: ['falta el archivo de hojas'] };
        await expectAnswer(desk, printed(goods, 1), 'no_leaf_file', words[language], `no-leaf-file-${language}`);
        await desk.addLeaves(goods.leaves);
    });

    test.each(ROWS)('%s', async (shot, code, answer, words) => {
        await expectAnswer(desk, code(goods), answer, words[language], `${shot}-${language}`);
    });

    test('cannot tell, where nobody records its way', async () => {
        const words = {
            en: ['Cannot tell', 'nobody records its way'],
            es: ['No se puede saber', 'nadie registra su camino'],
        };
        await desk.addLeaves(untracked.leaves);
        await expectAnswer(desk, printed(untracked, 1), 'cannot_tell', words[language], `cannot-tell-${language}`);
    });

    test('cannot tell, where the ledger does not answer', async () => {
        const words = { en: ['the ledger does not answer'], es: ['el registro no responde'] };
        // A port that nothing listens on.
        const visit = { language, rpcUrl: 'http://127.0.0.1:9' };
        await at(
            goods,
            (desk) => expectAnswer(desk, printed(goods, 1), 'unreachable', words[language], `unreachable-${language}`),
            visit,
        );
    });
});

describe('the page', () => {
    test('tells the way of a pack and who has it', async () => {
        await at(goods, async (desk) => {
            await desk.ask(printed(goods, 4));
            await desk.answer('recalled');
            await desk.journey();
            const steps = await desk.page
                .locator('[data-step]')
                .evaluateAll((all) => all.map((one) => one.getAttribute('data-step')));
            expect(steps).toEqual(['registered', 'offered', 'accepted', 'offered', 'accepted', 'recalled']);
            const custody = await desk.page.locator('section[aria-labelledby="custody"]').innerText();
            expect(custody).toContain('(you)');
            expect(custody).toContain('received');
            // The recall has set it apart from its case.
            expect(custody).toContain('pack');
        });
    });

    test('goes on where one transaction of the way cannot be read', async () => {
        for (const [language, words] of [
            ['en', 'Something about its pack that cannot be read'],
            ['es', 'Algo sobre su envase que no puede leerse'],
        ] as const) {
            await at(
                goods,
                async (desk) => {
                    const asked = await desk.refuseFirst('getTransaction', -32_015);
                    await desk.ask(printed(goods, 4));
                    await desk.answer('recalled');
                    expect(await desk.journey()).toContain(words);
                    const steps = await desk.page
                        .locator('[data-step]')
                        .evaluateAll((all) => all.map((one) => one.getAttribute('data-step')));
                    expect(steps.filter((step) => step === 'unreadable')).toHaveLength(1);
                    expect(steps).toContain('registered');
                    expect(steps).toContain('accepted');
                    // Those of version 1, which name as many accounts as a dispense of several packs needs, are readable.
                    expect(asked.length).toBeGreaterThan(1);
                    for (const [, form] of asked) expect(form).toMatchObject({ maxSupportedTransactionVersion: 1 });
                    await desk.inspect(`journey-unreadable-${language}`);
                },
                { language },
            );
        }
    });

    test('calls a serial number in two batches suspect, in both languages', async () => {
        const other = leafFile(new Tree(goods.packs.tree.gtin, [3, 1, 1], 1));
        for (const [language, words, kept] of [
            ['en', 'in more than one batch', 'the leaf file of 1 packs'],
            ['es', 'en más de un lote', 'el archivo de hojas de 1 envases'],
        ] as const) {
            await at(
                goods,
                async (desk) => {
                    await desk.ask(printed(goods, 0));
                    await desk.answer('sellable');
                    await desk.addLeaves(other);
                    await desk.page.locator('[data-leaves="kept"]', { hasText: kept }).waitFor();
                    await desk.ask(printed(goods, 0));
                    expect(await desk.answer('suspect')).toContain(words);
                    expect(await desk.page.locator('section[aria-labelledby="dispense"]').count()).toBe(0);
                    // Kept files of the product are looked into on a later visit, too; the other packs are as they were.
                    await desk.page.reload();
                    await expectAnswer(desk, printed(goods, 0), 'suspect', [words], `suspect-${language}`);
                    await desk.ask(printed(goods, 1));
                    await desk.answer('sellable');
                },
                { language },
            );
        }
    });

    test('does not offer to dispense a pack that is kept', async () => {
        await at(goods, async (desk) => {
            await desk.ask(printed(goods, 6));
            await desk.answer('reserved');
            expect(await desk.page.locator('section[aria-labelledby="dispense"]').count()).toBe(0);
        });
    });

    test('does not call an opened pack genuine and sellable, in both languages, and offers no dispense of the whole', async () => {
        const bottles = await stock(chain, { units: 100 });
        await chain.send([await fill(bottles.packs, 2, bottles.packs.pharmacy, 30)]);
        for (const [language, words, status] of [
            ['en', ['Opened: 70 units left', 'not taken back'], 'dispensed in part'],
            ['es', ['Abierto: quedan 70 unidades', 'ni se devuelve'], 'dispensado en parte'],
        ] as const) {
            await at(
                bottles,
                async (desk) => {
                    await expectAnswer(desk, printed(bottles, 2), 'opened', words, `opened-${language}`);
                    expect(await desk.page.locator('section[aria-labelledby="dispense"]').count()).toBe(0);
                    const custody = await desk.page.locator('section[aria-labelledby="custody"]').innerText();
                    expect(custody).toContain(status);
                    // The others of its case are whole.
                    await desk.ask(printed(bottles, 1));
                    await desk.answer('sellable');
                },
                { language },
            );
        }
    });

    test('says of custody what the answer says', async () => {
        await at(goods, async (desk) => {
            await desk.ask(printed(goods, 3));
            await desk.answer('dispensed');
            const custody = await desk.page.locator('section[aria-labelledby="custody"]').innerText();
            expect(custody).toContain('dispensed; by the record of its case: received');
        });
    });

    test('keeps settings and leaf files over a visit', async () => {
        await at(goods, async (desk) => {
            await desk.page.locator('#language').selectOption('es');
            await desk.page.reload();
            await desk.ask(printed(goods, 1));
            expect(await desk.answer('sellable')).toContain('Auténtico y vendible');
            expect(await desk.page.locator('html').getAttribute('lang')).toBe('es');
        });
    });

    test('takes the keys of a scanner wherever the focus is, with its separators', async () => {
        await at(goods, async (desk) => {
            await desk.page.locator('body').click({ position: { x: 2, y: 2 } });
            const [gtin, serial] = [goods.packs.tree.gtin, 'SN000001'];
            for (const key of `]d201${gtin}21${serial}`) await desk.page.keyboard.press(key === ']' ? ']' : key);
            await desk.page.keyboard.press('Control+]');
            for (const key of '10A1') await desk.page.keyboard.press(key);
            await desk.page.keyboard.press('Enter');
            expect(await desk.answer('sellable')).toContain('Genuine and sellable');
        });
    });

    test('is used by keyboard alone, and says the answer where the focus is', async () => {
        await at(goods, async (desk) => {
            const focused = () => desk.page.evaluate(() => document.activeElement?.id ?? '');
            await desk.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
            for (let press = 0; press < 3 && (await focused()) !== 'code'; press += 1)
                await desk.page.keyboard.press('Tab');
            expect(await focused()).toBe('code');
            await desk.page.keyboard.type(printed(goods, 1));
            await desk.page.keyboard.press('Enter');
            await desk.answer('sellable');
            expect(await focused()).toBe('answer');
        });
    });

    test('holds readings of temperature against the limits', async () => {
        await at(goods, async (desk) => {
            const csv = (text: string) => ({ name: 'r.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
            await desk.ask(printed(goods, 1));
            await desk.answer('sellable');
            await desk.journey();
            await desk.page.locator('#readings').setInputFiles(csv('hours,celsius\n18,5\n6,14\n'));
            const told = desk.page.locator('[data-readings="quarantine"]');
            await told.waitFor();
            expect(await told.innerText()).toContain('the mean kinetic temperature is too high');
            expect(await told.innerText()).toContain('8.285 °C');
            await desk.inspect('temperature-en');
            await desk.page.locator('#readings').setInputFiles(csv('hours,celsius\n18,warm\n'));
            const refused = desk.page.locator('[data-readings="not_a_number"]');
            await refused.waitFor();
            expect(await refused.innerText()).toContain('line 2, celsius');
        });
    });

    test('shows what a device has reported to the ledger, in both languages', async () => {
        const frozen = await stock(chain, { storage: STORAGE_COLD });
        const { packs } = frozen;
        const watched = { packs, place: { level: Level.Case, index: 0n }, device: await freshSigner() };
        await register(chain, watched, packs.pharmacy);
        for (const [millicelsius, verdict, words] of [
            [4_500, 'labelled', ['Kept as labelled.', '4.5 °C']],
            [-1_500, 'quarantine', ['To be set aside: colder than excursions may go.', '-1.5 °C']],
        ] as const) {
            await chain.send(await report(chain, watched, [millicelsius]));
            await at(frozen, async (desk) => {
                await desk.ask(printed(frozen, 1));
                await desk.answer(verdict === 'labelled' ? 'sellable' : 'not_sellable');
                await desk.journey();
                expect(await desk.page.locator('[data-step="excursion"]').count()).toBe(verdict === 'labelled' ? 0 : 1);
                const told = await desk.page.locator(`[data-reported="${verdict}"]`).innerText();
                for (const word of words) expect(told).toContain(word);
                await desk.inspect(`reported-${verdict}-en`);
            });
        }
        await at(
            frozen,
            async (desk) => {
                await desk.ask(printed(frozen, 1));
                await desk.answer('not_sellable');
                await desk.journey();
                const told = await desk.page.locator('[data-reported="quarantine"]').innerText();
                expect(told).toContain('más frío de lo permitido');
                await desk.inspect('reported-quarantine-es');
            },
            { language: 'es' },
        );
    });

    test('says why nobody can tell how a pack was kept, in both languages', async () => {
        const cold = await stock(chain, { storage: STORAGE_COLD });
        const { packs } = cold;
        for (const [language, words] of [
            ['en', ['Genuine, but there are no readings', 'never reported']],
            ['es', ['Auténtico, pero sin lecturas', 'nunca se informó']],
        ] as const)
            await at(
                cold,
                (desk) => expectAnswer(desk, printed(cold, 1), 'no_readings', words, `no-readings-never-${language}`),
                { language },
            );
        // A logger in the pallet, which stayed with the wholesaler, is no logger in its case.
        const elsewhere = { packs, place: { level: Level.Pallet, index: 0n }, device: await freshSigner() };
        await register(chain, elsewhere, packs.wholesaler);
        await chain.send(await report(chain, elsewhere, [4_500]));
        await at(cold, async (desk) => {
            await desk.ask(printed(cold, 1));
            expect(await desk.answer('no_readings')).toContain('never reported');
        });
        const here = { packs, place: { level: Level.Case, index: 0n }, device: await freshSigner() };
        await register(chain, here, packs.pharmacy);
        await chain.send(await report(chain, here, [4_500]));
        for (const [language, words] of [
            ['en', ['Genuine and sellable', 'Readings of its temperature since']],
            ['es', ['Auténtico y vendible', 'Lecturas de su temperatura desde el']],
        ] as const)
            await at(
                cold,
                (desk) => expectAnswer(desk, printed(cold, 1), 'sellable', words, `sellable-read-${language}`),
                { language },
            );
    });

    test('says that the page of a pack is not open, in both languages', async () => {
        const closed = await stock(chain, {}, { isPageOpen: false });
        for (const [language, words] of [
            ['en', ['the page of the pack is not open', 'open the page']],
            ['es', ['la página del envase no está abierta', 'abra la página']],
        ] as const)
            await at(
                closed,
                async (desk) => {
                    await expectAnswer(desk, printed(closed, 1), 'no_page', words, `no-page-${language}`);
                    expect(await desk.page.locator('section[aria-labelledby="dispense"]').count()).toBe(0);
                },
                { language },
            );
    });

    test('refuses a file that is no leaf file, by name', async () => {
        const desk = await Desk.open(browser, { pharmacy: goods.packs.pharmacy.address });
        await desk.addLeaves(Buffer.from('GALEN'));
        expect(await desk.page.locator('[data-leaves="refused"]').innerText()).toContain('not a leaf file');
        await desk.close();
    });

    test('does not believe a node that is behind', async () => {
        const own = await chain.now();
        for (const [language, words] of [
            ['en', ['the ledger that was asked is behind', 'more than five minutes']],
            ['es', ['el registro consultado va atrasado', 'más de cinco minutos']],
        ] as const) {
            // Half a minute is left for the test itself.
            for (const [lag, answer] of [
                [270n, 'sellable'],
                [86_400n * 3n, 'behind'],
            ] as const) {
                await at(
                    goods,
                    async (desk) => {
                        if (answer === 'sellable') {
                            await desk.ask(printed(goods, 1));
                            await desk.answer(answer);
                        } else await expectAnswer(desk, printed(goods, 1), answer, words, `behind-${language}`);
                    },
                    { language, now: own + lag },
                );
            }
        }
    });

    test('has room on a desk as well', async () => {
        const viewport = { width: 1280, height: 900 };
        const code = printed(goods, 1);
        await at(goods, (desk) => expectAnswer(desk, code, 'sellable', [], 'sellable-wide-en'), { viewport });
    });
});

// Last: they move the clock of the validator.
test('a logger that comes hours after the goods makes nothing sellable [time travel]', async ({ skip }) => {
    skip(!chain.canTravel, 'this validator cannot travel in time');
    const cold = await stock(chain, { storage: STORAGE_COLD });
    const { packs } = cold;
    await chain.travel(5 * 3_600);
    const late = { packs, place: { level: Level.Case, index: 0n }, device: await freshSigner() };
    await register(chain, late, packs.pharmacy);
    await chain.send(await report(chain, late, [4_500]));
    for (const [language, words] of [
        [
            'en',
            ['not watched since it was received', 'more than four hours after', 'Readings of its temperature since'],
        ],
        ['es', ['sin vigilar desde que se recibió', 'más de cuatro horas', 'Lecturas de su temperatura desde el']],
    ] as const)
        await at(
            cold,
            (desk) => expectAnswer(desk, printed(cold, 1), 'no_readings', words, `no-readings-partly-${language}`),
            { language },
        );
    await chain.travel(2 * 86_400);
    for (const [language, words] of [
        ['en', ['no report for more than a day']],
        ['es', ['sin informes desde hace más de un día']],
    ] as const)
        await at(
            cold,
            (desk) => expectAnswer(desk, printed(cold, 1), 'no_readings', words, `no-readings-silent-${language}`),
            { language },
        );
});

test('the page says what is still known once records are over [time travel]', async ({ skip }) => {
    skip(!chain.canTravel, 'this validator cannot travel in time');
    await chain.travel(11 * 86_400);
    const { batch, pharmacy } = goods.packs;
    const record = await recordAddress(batch, 'dispense', pack(3));
    await chain.send([
        await provenance.getCloseDispenseInstructionAsync({ batch, dispense: record, payer: pharmacy.staff.address }),
    ]);
    for (const [language, words] of [
        ['en', ['Already dispensed', 'When and by whom is no longer on the ledger.']],
        ['es', ['Ya dispensado', 'Cuándo y por quién ya no consta en el registro.']],
    ] as const) {
        await at(
            goods,
            async (desk) => {
                await expectAnswer(desk, printed(goods, 3), 'dispensed', words, `dispensed-long-ago-${language}`);
                // The reservation is over, though its record is still there.
                await desk.ask(printed(goods, 6));
                await desk.answer('sellable');
            },
            { language },
        );
    }
});

test('the last day of use is over where the day is over [time travel]', async ({ skip }) => {
    skip(!chain.canTravel, 'this validator cannot travel in time');
    // Its noon in Greenwich is two in the night after it on Kiritimati.
    const noon = BigInt(goods.expiry) * 86_400n + 43_200n;
    await chain.travel(Number(noon - (await chain.now())));
    const code = printed(goods, 1);
    for (const [zone, answer] of [
        ['UTC', 'sellable'],
        ['America/Los_Angeles', 'sellable'],
        ['Pacific/Kiritimati', 'expired'],
    ] as const) {
        await at(
            goods,
            async (desk) => {
                await desk.ask(code);
                await desk.answer(answer);
            },
            { zone, now: await chain.now() },
        );
    }
});

test('the page says of a pack that it has expired [time travel]', async ({ skip }) => {
    skip(!chain.canTravel, 'this validator cannot travel in time');
    await chain.travel((LIFE + 1) * 86_400);
    await at(goods, async (desk) => {
        await expectAnswer(desk, printed(goods, 1), 'expired', ['Expired'], 'expired-en');
        // What is graver comes first.
        await expectAnswer(desk, printed(goods, 3), 'dispensed', ['Already dispensed'], 'dispensed-expired-en');
    });
});
