// An insurer, a clinic and a member who work with the command line alone: what a claim needs, made by commands.
import type { Chain } from './chain';
import { Galen } from './galen';
import { createMint, tokenAccount } from './tokens';

/** The member's number at the insurer; it stands in the samples. */
export const MEMBER = 'M-4711';
/** The clinic's and the insurer's public numbers, as FHIR has them. */
export const NPI = { system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' };
export const LEI = { system: 'urn:iso:std:iso:17442', value: '5493001KJTIIGC8Y1R12' };

/** What commands about claims name. `clerk` works for the insurer, `provider` for the clinic. */
export type Office = {
    readonly galen: Galen;
    readonly pool: string;
    readonly provider: string;
    /** The file of a ticket for the member at the clinic. */
    readonly ticket: string;
    /** The chain's date so many days ago. */
    day(ago: number): string;
};

/** Makes the pool with the plan, and the agreement, whose limit of a claim that nobody looks at is in cents. */
export async function openOffice(chain: Chain, plan: unknown, limit: number): Promise<Office> {
    const galen = await Galen.create(chain);
    const today = await chain.today();
    const register = async (who: string, identifier: string) => {
        const words = ['org', 'register', '--kind', who, '--identifier', identifier];
        const organization = await galen.account(who, words);
        await galen.run('governance', ['org', 'activate', organization]);
        return organization;
    };
    const employ = async (who: string, org: string, staff: string, permissions: string) => {
        const key = await galen.person(staff);
        await galen.run(who, ['operator', 'add', '--org', org, '--key', key, '--permissions', permissions]);
    };
    const insurer = await register('insurer', `lei:${LEI.value}`);
    const provider = await register('provider', `npi:${NPI.value}`);
    const permissions = 'manage-pool,publish-plan,manage-agreement,enrol-member,decide-claim';
    await employ('insurer', insurer, 'clerk', permissions);
    await employ('provider', provider, 'provider', 'submit-claim');

    const mint = await createMint(chain);
    const pool = await galen.account('clerk', ['pool', 'create', '--insurer', insurer, '--mint', mint.address]);
    await galen.run('clerk', ['pool', 'set-ticket-key', pool, await galen.person('desk')]);
    await tokenAccount(chain, mint, await galen.person('treasury'), 1_000_000n);
    await galen.run('treasury', ['pool', 'fund', pool, '--total', '1000000']);
    const published = await galen.account('clerk', ['plan', 'create', '--pool', pool]);
    const version = ['--plan', published, '--effective-from', '2020-01-01'];
    await galen.run('clerk', ['plan', 'publish', await galen.write('plan.json', plan), ...version]);

    const limits = ['--limit-per-claim', String(limit), '--limit-per-day', 'none'];
    const offer = ['agreement', 'offer', '--pool', pool, '--provider', provider, ...limits];
    const agreement = await galen.account('clerk', offer);
    await tokenAccount(chain, mint, await galen.person('provider'));
    await galen.run('provider', ['agreement', 'accept', agreement]);
    const enrolment = ['--pool', pool, '--plan', published, '--id', MEMBER, '--from', '2021-01-01'];
    const member = await galen.account('clerk', ['member', 'enrol', ...enrolment]);
    // The clinic knows whom it treats, and the insurer's keys of codes.
    const secrets = galen.path('secrets.json');
    await galen.run('clerk', ['store', 'export', secrets]);
    await galen.run('provider', ['store', 'import', secrets]);
    const about = ['--pool', pool, '--member', member, '--provider', provider];
    const days = ['--from', '2020-01-01', '--to', '2099-12-31'];
    const signed = await galen.run('desk', ['member', 'ticket', ...about, ...days]);
    const ticket = await galen.write('ticket.json', signed);
    const day = (ago: number) => new Date((today - ago) * 86_400_000).toISOString().slice(0, 10);
    return { galen, pool, provider, ticket, day };
}
