// The table from error number to error name. Codama keeps messages only in development builds and has no names.
import type { IdlV01 } from '@codama/nodes-from-anchor';
import { camelCase } from 'codama';

/** The source of `errorNames.ts` of a program: number → name as written in the program, and message. */
export function errorNames(idl: IdlV01): string {
    const constant = `${camelCase(idl.metadata.name)}Errors`;
    const rows = (idl.errors ?? []).map(
        ({ code, name, msg }) =>
            `    [${code}, { name: ${JSON.stringify(name)}, message: ${JSON.stringify(msg ?? '')} }],\n`,
    );
    return [
        '// Written by `npm run generate` from the IDL; changes made here are lost.\n\n',
        `/** Errors of the program \`${idl.metadata.name}\` by number. */\n`,
        `export const ${constant}: ReadonlyMap<number, { readonly name: string; readonly message: string }> = new Map([\n`,
        ...rows,
        ']);\n',
    ].join('');
}
