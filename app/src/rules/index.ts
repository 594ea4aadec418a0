// The rulebook (crates/rules) as WebAssembly: what is asked and answered is JSON; nothing of it is decided here.

/** What the code on a pack says. */
export type Code = {
    readonly gtin: string | null;
    readonly serial: string | null;
    readonly lot: string | null;
    readonly expiry: { readonly date: string; readonly days: number; readonly is_month: boolean } | null;
    readonly elements: readonly { readonly ai: string; readonly value: string }[];
};

/** What a status is called. */
export type Status =
    | 'commissioned'
    | 'packed'
    | 'in_transit'
    | 'received'
    | 'returned'
    | 'quarantined'
    | 'suspect'
    | 'illegitimate'
    | 'partially_dispensed'
    | 'dispensed'
    | 'destroyed'
    | 'stolen'
    | 'exported'
    | 'decommissioned';

/** Every status; its place here is the number under which it is stored. */
export const STATUSES: readonly Status[] = [
    'commissioned',
    'packed',
    'in_transit',
    'received',
    'returned',
    'quarantined',
    'suspect',
    'illegitimate',
    'partially_dispensed',
    'dispensed',
    'destroyed',
    'stolen',
    'exported',
    'decommissioned',
];

export type RecallClass = 'one' | 'two' | 'three' | 'unset';
/** How far down the chain a recall reaches. */
export type RecallDepth = 'wholesaler' | 'retailer' | 'consumer';

/** Why there are no readings of how a pack was kept. */
export type Lacking = 'never' | 'silent' | 'partly';

/** The answer to a scan. Keys are hexadecimal, dates `YYYY-MM-DD`. */
export type Said =
    | {
          readonly answer: 'recalled';
          readonly class: RecallClass;
          readonly depth: RecallDepth;
          readonly issuer: string;
      }
    | { readonly answer: 'dispensed'; readonly premises: string | null; readonly on: string | null }
    | { readonly answer: 'reserved'; readonly pharmacy: string; readonly claim: string; readonly until: number }
    | { readonly answer: 'not_sellable'; readonly status: Status }
    | { readonly answer: 'opened'; readonly left: number }
    | { readonly answer: 'no_readings'; readonly why: Lacking }
    | {
          readonly answer:
              | 'unknown'
              | 'expired'
              | 'suspect'
              | 'expiry_differs'
              | 'not_in_custody'
              | 'cannot_tell'
              | 'no_page'
              | 'sellable';
      };

/** The answer, and the Unix second since which there are readings of how the pack was kept, where there are limits to that. */
export type Told = Said & { readonly readings_since: number | null };

/** What is known when a pack is scanned: see app/rules/src/verdict.rs. */
export type Facts = {
    readonly is_member: boolean;
    readonly is_elsewhere: boolean;
    readonly holdings: readonly ({
        readonly custodian: string;
        readonly status: number;
        readonly at: number;
        /** As it is stored: a status of 0 is no doubt; `with` in 16 hexadecimal digits. */
        readonly doubt: {
            readonly status: number;
            readonly at: readonly number[];
            readonly with: readonly string[];
        };
    } | null)[];
    readonly recalls: readonly (readonly {
        readonly issuer: string;
        readonly class: number;
        readonly depth: number;
    }[])[];
    readonly is_dispensed: boolean;
    readonly dispensed: { readonly premises: string; readonly at: number; readonly is_handed_out: boolean } | null;
    readonly reservation: { readonly pharmacy: string; readonly claim: string; readonly until: number } | null;
    readonly units: number;
    readonly units_taken: number;
    readonly is_page_open: boolean;
    readonly expiry: number;
    readonly printed_expiry: number | null;
    readonly now: number;
    /** Seconds by which the clock here is east of Greenwich. */
    readonly offset: number;
    readonly asker: string;
    readonly is_custody_recorded: boolean;
    /** Whether there are limits to how warm it may be kept. */
    readonly is_limited: boolean;
    /** What watches over each place, pack to batch. */
    readonly watches: readonly ({
        readonly is_on: boolean;
        readonly registered_at: number;
        readonly until: number;
        readonly known: number;
        readonly gaps: number;
        readonly releases: number;
    } | null)[];
};

/** A pack to be proved, and its batch as it is on the ledger. */
export type Wanted = {
    readonly root: string;
    readonly gtin: string;
    readonly serial: string;
    readonly layout: readonly number[];
    readonly page_height: number;
};

/** The proof of a pack, or why there is none. Hashes are hexadecimal. */
export type Proved =
    | {
          readonly found: 'member';
          readonly index: number;
          readonly salt: string;
          readonly siblings: readonly string[];
          readonly is_elsewhere: boolean;
      }
    /** The batch has only a pack whose serial number differs in upper and lower case. */
    | { readonly found: 'other_case'; readonly serial: string }
    | { readonly found: 'nowhere' | 'no_file' };

/** How a medicine must be kept. */
export type Profile = 'room' | 'cold';

/** What readings of temperature mean. Thousandths of a degree Celsius, seconds. */
export type Assessed = {
    readonly verdict: 'labelled' | 'allowed_excursion' | 'quarantine';
    readonly reason: string | null;
    readonly highest_mean: number | null;
    readonly least: number | null;
    readonly greatest: number | null;
    readonly excursion_minutes: number;
    readonly limits: {
        readonly labelled: readonly [number, number];
        readonly excursion: readonly [number, number];
    };
    readonly readings: readonly { readonly seconds: number; readonly millicelsius: number }[];
};

export type OpenLeaves = { readonly root: string; readonly gtin: string; readonly count: number };

/** A refusal of the rulebook: its stable name, its English sentence, and where. */
export type Fault = { readonly code: string; readonly message: string; readonly at?: string };

/** The rulebook refuses. */
export class RuleError extends Error {
    override readonly name = 'RuleError';

    constructor(readonly fault: Fault) {
        super(fault.message);
    }
}

type Exports = {
    readonly memory: WebAssembly.Memory;
    readonly reserve: (length: number) => number;
    readonly release: (start: number, length: number) => void;
    readonly call: (start: number, length: number) => number;
    readonly open_leaves: (start: number, length: number) => number;
};

export class Rules {
    private constructor(private readonly exports: Exports) {}

    /** From the compiled file. */
    static async load(wasm: BufferSource): Promise<Rules> {
        const { instance } = await WebAssembly.instantiate(wasm, {});
        return new Rules(instance.exports as unknown as Exports);
    }

    /** Reads a code that was scanned or typed, in the year `year`. */
    parse(text: string, year: number): Code {
        return this.ask({ do: 'parse', text, year });
    }

    /** Every fault that a code can have. */
    faults(): readonly Fault[] {
        return this.ask({ do: 'faults' });
    }

    /** Opens a leaf file, and keeps it for proofs. */
    openLeaves(file: Uint8Array): OpenLeaves {
        return this.pass(file, this.exports.open_leaves);
    }

    prove(wanted: Wanted): Proved {
        return this.ask({ do: 'prove', ...wanted });
    }

    answer(facts: Facts): Told {
        return this.ask({ do: 'answer', ...facts });
    }

    /** Whether a node that has the Unix second `ledger` is too far behind one who has `here`. */
    isBehind(ledger: number, here: number): boolean {
        return this.ask({ do: 'behind', ledger, here });
    }

    /** Reads temperatures (`hours,celsius`) and holds them against a profile. */
    assess(csv: string, profile: Profile): Assessed {
        return this.ask({ do: 'assess', csv, profile });
    }

    private ask<T>(request: object): T {
        return this.pass(new TextEncoder().encode(JSON.stringify(request)), this.exports.call);
    }

    /** Gives `bytes` to a function of the rulebook, which keeps them, and reads its answer. */
    private pass<T>(bytes: Uint8Array, take: (start: number, length: number) => number): T {
        const { memory, reserve, release } = this.exports;
        const start = reserve(bytes.length);
        new Uint8Array(memory.buffer, start, bytes.length).set(bytes);
        const told = take(start, bytes.length);
        const length = new DataView(memory.buffer).getUint32(told, true);
        const text = new TextDecoder().decode(new Uint8Array(memory.buffer, told + 4, length).slice());
        release(told, 4 + length);
        const answer = JSON.parse(text) as { readonly ok: T } | { readonly error: Fault };
        if ('error' in answer) throw new RuleError(answer.error);
        return answer.ok;
    }
}
