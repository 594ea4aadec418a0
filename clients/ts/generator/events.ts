// Events: Codama's JavaScript renderer makes nothing of them. Each event's fields are rendered as an ordinary type, and a
// table from discriminator to decoder is written beside them.
import type { IdlV01 } from '@codama/nodes-from-anchor';
import { definedTypeNodeFromAnchorV01, extractGenerics } from '@codama/nodes-from-anchor';
import { type DefinedTypeNode, camelCase, pascalCase } from 'codama';

/** The events of `idl` as type nodes, so that the renderer writes a codec for each. */
export function eventTypes(idl: IdlV01): DefinedTypeNode[] {
    const [types, generics] = extractGenerics(idl.types ?? []);
    return (idl.events ?? []).map((event) => {
        const type = types.find(({ name }) => name === event.name);
        if (type === undefined)
            throw new Error(`the IDL of ${idl.metadata.name} lists the event ${event.name} without its type`);
        return definedTypeNodeFromAnchorV01(type, generics);
    });
}

/** The source of `events.ts` of a program: a union of its events and the table that decodes them. */
export function eventTable(idl: IdlV01): string {
    const events = [...(idl.events ?? [])].sort((a, b) => a.name.localeCompare(b.name, 'en'));
    const program = pascalCase(idl.metadata.name);
    const imports = events.flatMap(({ name }) => [
        `    type ${pascalCase(name)},\n`,
        `    get${pascalCase(name)}Decoder,\n`,
    ]);
    const union = events.map(({ name }) => `\n    | { readonly name: '${name}'; readonly data: ${pascalCase(name)} }`);
    const rows = events.map(({ name, discriminator }) => {
        const hex = Buffer.from(discriminator).toString('hex');
        return `    ['${hex}', { name: '${name}', decoder: get${pascalCase(name)}Decoder() }],\n`;
    });
    return [
        '// Written by `npm run generate` from the IDL; changes made here are lost.\n',
        "import type { Decoder } from '@solana/kit';\n\n",
        imports.length > 0 ? `import {\n${imports.join('')}} from './types';\n\n` : '',
        `/** An event of the program \`${idl.metadata.name}\`, as decoded from its self-call. */\n`,
        `export type ${program}Event =${union.length > 0 ? union.join('') : ' never'};\n\n`,
        '/** Decoders of the events by discriminator, in lower-case hexadecimal. */\n',
        `export const ${camelCase(idl.metadata.name)}Events: ReadonlyMap<\n`,
        '    string,\n',
        `    { readonly name: ${program}Event['name']; readonly decoder: Decoder<${program}Event['data']> }\n`,
        '> = new Map<\n',
        '    string,\n',
        `    { readonly name: ${program}Event['name']; readonly decoder: Decoder<${program}Event['data']> }\n`,
        '>([\n',
        ...rows,
        ']);\n',
    ].join('');
}
