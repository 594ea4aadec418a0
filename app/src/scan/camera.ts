// The camera: opened on request, watched until it shows one code, closed.
import { readFrame } from './browser';
import { ScanError } from './read';

/** Why there is no picture from a camera. */
export type CameraFault = 'no_camera' | 'permission_refused' | 'camera_busy' | 'camera_failed';

export class CameraError extends Error {
    override readonly name = 'CameraError';

    constructor(readonly fault: CameraFault) {
        super(fault);
    }
}

const FAULTS: Readonly<Record<string, CameraFault>> = {
    NotFoundError: 'no_camera',
    OverconstrainedError: 'no_camera',
    NotAllowedError: 'permission_refused',
    SecurityError: 'permission_refused',
    NotReadableError: 'camera_busy',
    AbortError: 'camera_busy',
};
/** Between two looks, so that the page stays responsive. */
const PAUSE_MS = 120;

/**
 * Shows the camera in `video` and gives the code that it sees; none once `signal` ends it. `several` is called while more
 * than one code is in sight.
 */
export async function watch(
    video: HTMLVideoElement,
    signal: AbortSignal,
    several: (are: boolean) => void,
): Promise<string | undefined> {
    const stream = await open();
    try {
        if (signal.aborted) return undefined;
        video.srcObject = stream;
        await video.play();
        while (!signal.aborted) {
            try {
                if (video.videoWidth > 0) return await readFrame(video);
            } catch (error) {
                if (!(error instanceof ScanError)) throw error;
                several(error.fault === 'several_codes');
            }
            await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        }
        return undefined;
    } catch (error) {
        // Taking the picture away while it starts ends `play` with an error.
        if (signal.aborted) return undefined;
        throw error;
    } finally {
        for (const track of stream.getTracks()) track.stop();
        video.srcObject = null;
    }
}

async function open(): Promise<MediaStream> {
    const devices: MediaDevices | undefined = navigator.mediaDevices;
    // Absent where the page is not served from this machine or over HTTPS.
    if (!devices?.getUserMedia) throw new CameraError('no_camera');
    try {
        return await devices.getUserMedia({
            video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
            audio: false,
        });
    } catch (error) {
        throw new CameraError(FAULTS[(error as DOMException).name] ?? 'camera_failed');
    }
}
