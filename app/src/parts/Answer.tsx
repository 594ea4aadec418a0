// The answer, in words first. It takes the focus when it comes, so that a screen reader says it and Tab goes on from it.
import type { Address } from '@solana/kit';
import { useEffect, useRef } from 'react';

import type { Outcome } from '../App';
import { addressOfHex } from '../ledger/bytes';
import { type Language, type Words, day, moment } from '../words';
import { useWords } from '../words/context';
import { type Dispensed, NotDispensed } from './Dispense';
import { Who } from './Who';

type Tone = 'good' | 'bad' | 'unsure';
type Told = {
    readonly tone: Tone;
    readonly title: string;
    readonly advice: string;
    readonly more: readonly React.ReactNode[];
};

const SIGNS: Readonly<Record<Tone, string>> = { good: '✓', bad: '✕', unsure: '?' };

type Props = {
    readonly outcome: Outcome;
    readonly pharmacy: Address | undefined;
    /** What came of dispensing the pack here just now. */
    readonly dispensed: Dispensed | undefined;
    /** Not where another code is being typed: it would be torn in two. */
    readonly takesFocus: boolean;
    readonly onAgain: () => void;
};

export function Answer({ outcome, pharmacy, dispensed, takesFocus, onAgain }: Props) {
    const { language, words } = useWords();
    const heading = useRef<HTMLHeadingElement>(null);
    const isFirst = useRef(true);
    useEffect(() => {
        if (isFirst.current && takesFocus) heading.current?.focus();
        isFirst.current = false;
    }, [takesFocus]);
    const told = tell(outcome, pharmacy, words, language);
    const isDone = dispensed === 'done';
    const tone = isDone ? 'good' : told.tone;
    return (
        <section aria-labelledby="answer" className={`card answer ${tone}`} data-answer={nameOf(outcome)}>
            {isDone && <p className="done">{words.dispense.done}</p>}
            {dispensed && dispensed !== 'done' && <NotDispensed failure={dispensed} />}
            <h2 id="answer" ref={heading} tabIndex={-1}>
                <span aria-hidden="true" className="sign">
                    {SIGNS[tone]}
                </span>
                {told.title}
            </h2>
            {!isDone && <p>{told.advice}</p>}
            {told.more.map((line, place) => (
                <p key={place}>{line}</p>
            ))}
            {!pharmacy && outcome.kind === 'answered' && <p>{words.settings.pharmacyMissing}</p>}
            <button type="button" onClick={onAgain}>
                {words.answer.again}
            </button>
        </section>
    );
}

/** The stable name of an answer, for tests and for style. */
function nameOf(outcome: Outcome): string {
    switch (outcome.kind) {
        case 'answered':
            return outcome.said.answer;
        case 'unknown':
            return `unknown_${outcome.why}`;
        case 'refused_code':
            return outcome.fault.code;
        case 'ledger':
            return outcome.fault;
        default:
            return outcome.kind;
    }
}

function tell(outcome: Outcome, pharmacy: Address | undefined, words: Words, language: Language): Told {
    const { answer } = words;
    const told = (
        tone: Tone,
        { title, advice }: { title: string; advice: string },
        ...more: React.ReactNode[]
    ): Told => ({
        tone,
        title,
        advice,
        more,
    });
    switch (outcome.kind) {
        case 'unknown':
            return told('bad', answer.unknown[outcome.why]);
        case 'serial_case':
            return told('unsure', answer.serialCase(outcome.asked, outcome.serial));
        case 'incomplete':
            return told('unsure', answer.incomplete(outcome.missing));
        case 'no_leaf_file':
            return told('unsure', answer.noLeafFile, <code>{answer.leafFileHash(outcome.hash)}</code>);
        case 'refused_code': {
            const { code, message, at } = outcome.fault;
            const advice = words.fault(code, message);
            return told('unsure', { title: answer.refusedCode, advice }, ...(at ? [words.at(at)] : []));
        }
        case 'ledger':
            return told('unsure', answer[outcome.fault], <code>{outcome.detail}</code>);
        case 'answered':
            break;
    }
    const { said, pack } = outcome;
    const { readings_since: since } = said;
    const readings = since === null ? [] : [answer.readingsSince(moment(language, BigInt(since)))];
    switch (said.answer) {
        case 'sellable':
            return told('good', answer.sellable, ...readings);
        case 'recalled': {
            const { title, advice } = answer.recalled(said.class);
            const by = addressOfHex(said.issuer);
            return told(
                'bad',
                { title, advice: answer.recalledAdvice },
                advice,
                answer.recalledDepth(said.depth),
                <Who say={answer.recalledBy} who={by} />,
            );
        }
        case 'dispensed': {
            const on = said.on === null ? undefined : day(language, said.on);
            const by = said.premises === null ? undefined : addressOfHex(said.premises);
            const where =
                by === undefined
                    ? [answer.dispensedLongAgo]
                    : by === pharmacy
                      ? [answer.dispensedHere]
                      : [<Who say={answer.dispensedThere} who={by} />];
            const out = pack.dispense !== undefined && pack.dispense.isHandedOut !== 0 ? [answer.handedOut] : [];
            return told('bad', answer.dispensed(on), ...where, ...out);
        }
        case 'not_sellable':
            return told('bad', answer.not_sellable(said.status));
        case 'reserved': {
            const at = addressOfHex(said.pharmacy);
            return told(
                'bad',
                answer.reserved(moment(language, BigInt(said.until))),
                at === pharmacy ? answer.reservedHere : <Who say={answer.reservedThere} who={at} />,
                <Who say={answer.reservedFor} who={addressOfHex(said.claim)} />,
            );
        }
        case 'opened':
            return told('bad', answer.opened(said.left));
        case 'no_readings':
            return told('unsure', answer.no_readings[said.why], ...readings);
        case 'not_in_custody':
        case 'cannot_tell':
        case 'no_page':
            return told('unsure', answer[said.answer]);
        case 'unknown':
            return told('bad', answer.unknown.serial);
        default:
            return told('bad', answer[said.answer]);
    }
}
