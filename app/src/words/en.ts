// English.
import type { Lacking, RecallClass, RecallDepth, Status } from '../rules';

/** What an answer is called, and what to do. */
type Told = { readonly title: string; readonly advice: string };

const classes: Readonly<Record<RecallClass, Told>> = {
    one: { title: 'Recalled: class I', advice: 'Serious harm or death is reasonably probable.' },
    two: { title: 'Recalled: class II', advice: 'Harm is temporary or reversible, or serious harm is remote.' },
    three: { title: 'Recalled: class III', advice: 'Harm is not likely.' },
    unset: { title: 'Recalled: class not set yet', advice: 'Treat it as class I until the regulator has decided.' },
};

const depths: Readonly<Record<RecallDepth, string>> = {
    wholesaler: 'Recalled down to wholesalers.',
    retailer: 'Recalled down to pharmacies and hospitals: send back what you have.',
    consumer: 'Recalled down to patients: send back what you have, and call those who have it already.',
};

const statuses: Readonly<Record<Status, string>> = {
    commissioned: 'made and registered',
    packed: 'packed',
    in_transit: 'in transit: offered to another, not accepted yet',
    received: 'received',
    returned: 'returned by a customer, not verified yet',
    quarantined: 'in quarantine',
    suspect: 'suspect',
    illegitimate: 'found not to be genuine, or not fit',
    partially_dispensed: 'dispensed in part',
    dispensed: 'dispensed',
    destroyed: 'destroyed',
    stolen: 'reported stolen',
    exported: 'exported',
    decommissioned: 'taken out of use',
};

export const en = {
    name: 'English',
    title: 'Check a medicine pack',
    skip: 'Skip to the code',
    loading: 'Getting ready …',
    notReady: 'The rulebook could not be loaded; load the page again.',

    settings: {
        title: 'Settings',
        language: 'Language',
        pharmacy: 'Your pharmacy (its address on the ledger)',
        pharmacyWrong: 'This is no address: 32 to 44 letters and digits.',
        ledger: 'Ledger (address of a node)',
        ledgerWrong: 'This is no address: it begins with http:// or https://.',
        leaves: 'Leaf files (from the manufacturer, one a batch)',
        leavesKept: (count: number, gtin: string) =>
            `Kept in this browser: the leaf file of ${count} packs of ${gtin}.`,
        pharmacyMissing: 'Name your pharmacy in the settings: who asks decides the answer.',
    },

    scan: {
        title: 'The code',
        text: 'Scan with a scanner that types, or type the code',
        hint: 'As (01)09524000059109(21)SN1(17)271231(10)A1, or what the scanner sends.',
        check: 'Check',
        checking: 'Asking the ledger …',
        picture: 'Picture of the code',
        camera: 'Use the camera',
        stopCamera: 'Stop the camera',
        cameraView: 'What the camera sees',
        watching: 'Hold the code in front of the camera.',
        severalInSight: 'More than one code is in sight: show one pack only.',
    },

    scanFaults: {
        not_a_picture: 'This file is not a picture that can be read: choose a PNG or JPEG.',
        no_code:
            'There is no DataMatrix or QR code to be read in the picture: take it closer, straight from above and in even light, with the whole code and its white margin in it.',
        several_codes: 'There is more than one code in the picture: take or crop a picture of one pack’s code only.',
        no_camera: 'No camera was found: choose a picture, or type the code.',
        permission_refused:
            'The browser does not let this page use the camera: allow it in the browser’s address bar, choose a picture, or type the code.',
        camera_busy: 'Another program uses the camera: close it, then try again.',
        camera_failed: 'The camera did not start: try again, choose a picture, or type the code.',
    },

    /** A refusal of the rulebook, which has the English sentences. */
    fault: (_code: string, message: string) => message,
    at: (place: string) => `At ${place}.`,

    answer: {
        title: 'The answer',
        sellable: {
            title: 'Genuine and sellable',
            advice: 'In its batch, in your custody, not expired, not recalled, never dispensed.',
        } as Told,
        expired: { title: 'Expired', advice: 'Do not dispense it; set it aside for destruction or return.' } as Told,
        suspect: {
            title: 'Suspect',
            advice: 'Its serial number is in more than one batch. Set it aside and ask the manufacturer.',
        } as Told,
        expiry_differs: {
            title: 'Suspect: the expiry differs',
            advice: 'The code names another expiry than the manufacturer registered. Set it aside and ask the manufacturer.',
        } as Told,
        not_in_custody: {
            title: 'Not in your custody',
            advice: 'In its batch, but recorded with somebody else. Accept its shipment first; if you never ordered it, set it aside.',
        } as Told,
        no_readings: {
            never: {
                title: 'Genuine, but there are no readings',
                advice: 'Nobody can say that it was kept as it must be: its temperature was never reported. All else is in order.',
            },
            silent: {
                title: 'Genuine, but there are no readings',
                advice: 'Nobody can say that it was kept as it must be: no report for more than a day. All else is in order.',
            },
            partly: {
                title: 'Genuine, but not watched since it was received',
                advice: 'Nobody can say that it was kept as it must be: readings of its temperature begin more than four hours after you received it. All else is in order.',
            },
        } as Readonly<Record<Lacking, Told>>,
        readingsSince: (when: string) => `Readings of its temperature since ${when}.`,
        cannot_tell: {
            title: 'Cannot tell',
            advice: 'In its batch and not dispensed, but nobody records its way, so a copy would look the same.',
        } as Told,
        no_page: {
            title: 'Cannot tell: the page of the pack is not open',
            advice: 'In its batch, but the ledger does not keep yet which packs of its page are dispensed, so nobody can dispense it. Ask the manufacturer to open the page.',
        } as Told,
        opened: (left: number): Told => ({
            title: `Opened: ${left} units left`,
            advice: 'Some of it is with patients: it is not sold whole and not taken back. What is left is given out as partial fills, with galen pack fill.',
        }),
        dispensed: (on: string | undefined): Told => ({
            title: on === undefined ? 'Already dispensed' : `Already dispensed on ${on}`,
            advice: 'A pack is dispensed once. If you did not do it, somebody holds a copy: set it aside and report it.',
        }),
        dispensedLongAgo: 'When and by whom is no longer on the ledger.',
        dispensedHere: 'It was dispensed at your pharmacy.',
        dispensedThere: (who: string) => `It was dispensed at ${who}.`,
        handedOut: 'It has left the pharmacy.',
        recalled: (grade: RecallClass): Told => classes[grade],
        recalledAdvice: 'Do not dispense it: back to who recalled it, to a reverse distributor, or into destruction.',
        recalledDepth: (depth: RecallDepth): string => depths[depth],
        recalledBy: (who: string) => `Recalled by ${who}.`,
        not_sellable: (status: Status): Told => ({
            title: `Not to be sold: ${statuses[status]}`,
            advice: 'Keep it apart until whoever set its status has changed it.',
        }),
        reserved: (until: string): Told => ({
            title: `Kept for a claim until ${until}`,
            advice: 'Do not give it to anybody else: it is dispensed for that claim only, until the reservation is cancelled or over.',
        }),
        reservedHere: 'Your pharmacy keeps it.',
        reservedThere: (who: string) => `Kept at ${who}.`,
        reservedFor: (claim: string) => `The claim: ${claim}.`,
        unknown: {
            product: {
                title: 'Unknown product',
                advice: 'Nobody has registered this GTIN. Set it aside: it may not be genuine.',
            },
            batch: {
                title: 'Unknown batch',
                advice: 'The product has no batch of this lot. Set it aside: it may not be genuine.',
            },
            serial: {
                title: 'Unknown pack',
                advice: 'The batch has no pack with this serial number. Set it aside: it may not be genuine.',
            },
        } as Readonly<Record<'product' | 'batch' | 'serial', Told>>,
        serialCase: (asked: string, known: string): Told => ({
            title: 'Cannot tell: upper and lower case differ',
            advice: `The batch has no pack ${asked}, but ${known}. Look at caps lock and at the scanner’s keyboard settings, then scan again. If the pack itself says ${asked}, set it aside: it may not be genuine.`,
        }),
        incomplete: (missing: readonly ('gtin' | 'serial' | 'lot')[]): Told => {
            const names = { gtin: 'product (01)', serial: 'serial number (21)', lot: 'lot (10)' };
            return {
                title: 'Cannot tell: the code does not say enough',
                advice: `It lacks: ${missing.map((part) => names[part]).join(', ')}. Scan the two-dimensional code of the pack itself.`,
            };
        },
        refusedCode: 'Cannot tell: the code is not read',
        noLeafFile: {
            title: 'Cannot tell: the leaf file of the batch is missing',
            advice: 'The batch is registered; whether this pack is in it shows from the manufacturer’s leaf file. Add it in the settings.',
        } as Told,
        leafFileHash: (hash: string) => `Its SHA-256: ${hash}`,
        unreachable: {
            title: 'Cannot tell: the ledger does not answer',
            advice: 'Check the network and the address in the settings, then check again.',
        } as Told,
        behind: {
            title: 'Cannot tell: the ledger that was asked is behind',
            advice: 'Its time is more than five minutes before that of this device: what was recalled, dispensed or has expired since, it does not know. Set the clock of this device if it is wrong, or name another node in the settings.',
        } as Told,
        wrong_account: {
            title: 'Cannot tell: the ledger has something else there',
            advice: 'An account is not what it should be: check the address in the settings.',
        } as Told,
        again: 'Check again',
    },

    facts: {
        title: 'What the code says',
        gtin: 'Product (GTIN)',
        serial: 'Serial number',
        lot: 'Lot',
        expiry: 'Expiry',
        monthOnly: (date: string) => `${date} (the code names the month only)`,
        absent: 'not in the code',
    },

    custody: {
        title: 'Custody',
        none: 'Nobody records who has it.',
        custodian: 'Who has it',
        owner: 'Who owns it',
        status: 'Status',
        otherwise: (status: string, level: string, recorded: string) =>
            `${status}; by the record of its ${level}: ${recorded}`,
        since: 'Since',
        with: 'Recorded for its',
        you: (who: string) => `${who} (you)`,
    },

    levels: ['pack', 'case', 'pallet', 'batch'] as readonly string[],
    statuses,

    journey: {
        title: 'Its way so far',
        loading: 'Reading the ledger …',
        failed: 'Its way could not be read from the ledger.',
        cut: 'Older entries of its case, pallet or batch were not looked at.',
        unknownTime: 'time unknown',
        registered: (who: string) => `Batch registered by ${who}`,
        offered: (level: string, from: string, to: string) => `Its ${level} offered by ${from} to ${to}`,
        accepted: (level: string, from: string, to: string) => `Its ${level} taken over by ${to} from ${from}`,
        ended: (level: string, from: string, to: string) =>
            `Hand-over of its ${level} from ${from} to ${to} came to nothing`,
        status: (level: string, status: string, who: string) => `Its ${level}: ${status}, says ${who}`,
        recalled: (level: string, grade: RecallClass, who: string) =>
            `Its ${level} – ${classes[grade].title}, by ${who}`,
        recall_lifted: (level: string, who: string) => `Recall of its ${level} lifted by ${who}`,
        dispensed: (level: string, who: string) => `Its ${level} dispensed at ${who}`,
        undone: (level: string, who: string) => `Dispense of its ${level} undone at ${who}`,
        handed_out: (level: string, who: string) => `Its ${level} handed out at ${who}`,
        reserved: (level: string, who: string) => `Its ${level} kept for a claim at ${who}`,
        excursion: (level: string, who: string) =>
            `Its ${level}, at ${who}: set aside by what its device has reported of the temperature`,
        released: (level: string, who: string) => `Its ${level}: temperature assessed and released by ${who}`,
        condemned: (level: string, who: string) => `Its ${level}: temperature assessed and condemned by ${who}`,
        filled: (units: number, who: string) => `${units} units taken out at ${who}`,
        unreadable: (level: string) => `Something about its ${level} that cannot be read`,
    },

    dispense: {
        title: 'Dispense',
        noWallet: 'No wallet that can sign was found in this browser; install one that follows the Wallet Standard.',
        connect: (wallet: string) => `Connect ${wallet}`,
        connected: (wallet: string, key: string) => `Signing with ${wallet}, key ${key}.`,
        handOut: 'It leaves the pharmacy now (this is never undone)',
        button: 'Dispense this pack',
        working: 'Waiting for the signature and the ledger …',
        done: 'Dispensed. The ledger has recorded it.',
        earlier: (serial: string) => `Of the pack before, ${serial}:`,
        uncertain: 'Cannot tell whether it is genuine: dispense it only where your law and your judgement allow it.',
        refused: 'Not dispensed',
        notConnected: 'The wallet was not connected.',
    },

    dispenseFaults: {
        no_credential:
            'Your pharmacy has no credential of a trading partner from the issuer that this batch trusts: ask that issuer for one.',
        not_signed: 'The wallet did not sign: nothing was sent.',
        not_confirmed: 'The ledger did not confirm it: check the pack again before you dispense it.',
    },
    /** A refusal of the program, which has the English sentences. */
    refusal: (_name: string, message: string | undefined) => message ?? 'The ledger refused it.',

    temperature: {
        title: 'Temperature on its way',
        file: 'Readings (CSV: hours,celsius)',
        profile: 'How it must be kept',
        room: 'Room temperature: 20 to 25 °C',
        cold: 'Refrigerated: 2 to 8 °C',
        any: 'The batch sets no limits: choose what to compare with.',
        set: 'As the manufacturer registered it.',
        plot: (least: string, greatest: string, hours: string) =>
            `Temperature over ${hours} h, from ${least} to ${greatest}`,
        hours: 'hours',
        labelled: 'Labelled range',
        limit: 'Limit of excursions',
        mean: 'Highest mean kinetic temperature',
        extremes: 'Lowest and highest',
        outside: 'Outside the labelled range',
        reported: (level: string) => `Reported to the ledger by a device, signed (${level}):`,
        nothing: 'no readings yet',
        missing: 'Without readings',
        until: 'Reported up to',
        minutes: (minutes: number) => `${minutes} min`,
        verdicts: {
            labelled: 'Kept as labelled.',
            allowed_excursion: 'Excursions as far and as long as allowed.',
            quarantine: 'To be set aside:',
        } as Readonly<Record<'labelled' | 'allowed_excursion' | 'quarantine', string>>,
        reasons: {
            no_readings: 'there are no readings',
            too_cold: 'colder than excursions may go',
            too_warm: 'warmer than excursions may go',
            spikes_too_long: 'spikes lasted too long',
            excursion_too_long: 'excursions lasted too long',
            readings_missing: 'readings that there must have been are missing',
            gaps_too_long: 'readings are missing for too long',
            mean_too_high: 'the mean kinetic temperature is too high',
            not_computable: 'it cannot be computed',
        } as Readonly<Record<string, string>>,
    },

    classes,
};
