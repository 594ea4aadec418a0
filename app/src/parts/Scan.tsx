// Where a code comes in: typed, by a scanner that types, from a picture, from the camera.
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

import { readFile } from '../scan/browser';
import { CameraError, type CameraFault, watch } from '../scan/camera';
import { ScanError, type ScanFault } from '../scan/read';
import { SEPARATOR, isBusy as isElsewhere, typed } from '../scan/wedge';
import { useWords } from '../words/context';

type Props = {
    readonly isBusy: boolean;
    /** Whether another code is being typed than the one that was asked for last. */
    readonly isTyping: RefObject<boolean>;
    readonly onCode: (text: string) => Promise<void>;
};

export function Scan({ isBusy, isTyping, onCode }: Props) {
    const { words } = useWords();
    const { scan } = words;
    const [text, setText] = useState('');
    const [fault, setFault] = useState<ScanFault | CameraFault>();
    const [isWatching, setWatching] = useState(false);
    const field = useRef<HTMLInputElement>(null);
    const type = useCallback(
        (change: (before: string) => string) => {
            isTyping.current = true;
            setText(change);
        },
        [isTyping],
    );
    useWedge(field, type);

    const found = useCallback(
        (code: string) => {
            setText(shown(code));
            setFault(undefined);
            void onCode(code);
        },
        [onCode],
    );
    const picture = async (file: File | undefined) => {
        if (!file) return;
        setFault(undefined);
        try {
            found(await readFile(file));
        } catch (error) {
            setFault(error instanceof ScanError ? error.fault : 'not_a_picture');
        }
    };
    const stop = useCallback((with_: CameraFault | undefined) => {
        setWatching(false);
        setFault(with_);
    }, []);
    return (
        <section aria-labelledby="scan" className="card">
            <h2 id="scan">{scan.title}</h2>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    setFault(undefined);
                    // A scanner types its next code over this one, not after it.
                    field.current?.select();
                    void onCode(text);
                }}
            >
                <label htmlFor="code">{scan.text}</label>
                <input
                    id="code"
                    ref={field}
                    value={text}
                    onChange={(event) => type(() => event.target.value)}
                    onKeyDown={(event) => {
                        if (typed(event) !== SEPARATOR) return;
                        event.preventDefault();
                        const { selectionStart, selectionEnd, value } = event.currentTarget;
                        const [start, end] = [selectionStart ?? value.length, selectionEnd ?? value.length];
                        type((before) => before.slice(0, start) + SEPARATOR + before.slice(end));
                    }}
                    aria-describedby="code-hint"
                    autoComplete="off"
                    autoCapitalize="off"
                    autoCorrect="off"
                    spellCheck={false}
                />
                <p id="code-hint" className="hint">
                    {scan.hint}
                </p>
                <button type="submit" className="main">
                    {scan.check}
                </button>
            </form>
            <div className="row">
                <label className="button">
                    {scan.picture}
                    <input
                        type="file"
                        accept="image/*"
                        onChange={(event) => {
                            const input = event.target;
                            void picture(input.files?.[0]).finally(() => {
                                input.value = '';
                            });
                        }}
                    />
                </label>
                <button
                    type="button"
                    onClick={() => {
                        setFault(undefined);
                        setWatching(!isWatching);
                    }}
                >
                    {isWatching ? scan.stopCamera : scan.camera}
                </button>
            </div>
            {isWatching && <Camera onCode={found} onEnd={stop} />}
            <p role="status">{isBusy ? scan.checking : ''}</p>
            {fault && (
                <p role="alert" className="failure" data-fault={fault}>
                    {words.scanFaults[fault]}
                </p>
            )}
        </section>
    );
}

/** The code as the field shows it: a text field takes no control characters. */
const shown = (code: string) => code.replaceAll('\u001d', SEPARATOR);

/** A scanner types wherever the focus is: where nothing takes the keys, the field of the code does. */
function useWedge(field: React.RefObject<HTMLInputElement | null>, type: (change: (before: string) => string) => void) {
    useEffect(() => {
        const onKey = (event: KeyboardEvent) => {
            const input = field.current;
            const key = typed(event);
            if (!input || key === undefined || isElsewhere(event.target)) return;
            event.preventDefault();
            // Whatever was there before was another pack's.
            input.focus();
            type(() => key);
        };
        document.addEventListener('keydown', onKey);
        return () => document.removeEventListener('keydown', onKey);
    }, [field, type]);
}

type CameraProps = {
    readonly onCode: (text: string) => void;
    readonly onEnd: (fault: CameraFault | undefined) => void;
};

function Camera({ onCode, onEnd }: CameraProps) {
    const { words } = useWords();
    const video = useRef<HTMLVideoElement>(null);
    const [areSeveral, setSeveral] = useState(false);
    useEffect(() => {
        const view = video.current;
        if (!view) return;
        const ended = new AbortController();
        watch(view, ended.signal, setSeveral).then(
            (code) => {
                if (code === undefined) return;
                onEnd(undefined);
                onCode(code);
            },
            (error: unknown) => onEnd(error instanceof CameraError ? error.fault : 'camera_failed'),
        );
        return () => ended.abort();
    }, [onCode, onEnd]);
    return (
        <div className="camera">
            <video ref={video} muted playsInline aria-label={words.scan.cameraView} />
            <p role="status">{areSeveral ? words.scan.severalInSight : words.scan.watching}</p>
        </div>
    );
}
