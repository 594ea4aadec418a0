//! Who comes in: how many connections there are at once, how long each may last, and how much of a request is read.
//!
//! Nothing that a caller does or leaves undone may keep others out. So each connection has one request, whose body nobody reads, and
//! when all places are taken whoever has waited longest without asking anything goes.

use std::convert::Infallible;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// Connections at once: a quarter of the file descriptors that a process commonly has.
const PLACES: usize = 256;
/// Bytes of a request's line and headers.
const MAX_HEADERS: usize = 8_192;
/// How long a caller may take to say what it wants.
const ASKED_WITHIN: Duration = Duration::from_secs(5);
/// How long a connection lasts at most, answer included.
const ENDED_WITHIN: Duration = Duration::from_secs(30);
/// The wait after a connection that could not be taken, where nobody can be sent away for it.
const PAUSE: Duration = Duration::from_millis(20);

/// A connection.
struct Place {
    task: AbortHandle,
    has_asked: Arc<AtomicBool>,
}

/// Takes connections and answers one request of each, for ever.
pub async fn receive<A, F>(listener: TcpListener, answer: A) -> Infallible
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<String>> + Send + 'static,
{
    let mut places = Vec::new();
    loop {
        let accepted = listener.accept().await;
        places.retain(|place: &Place| !place.task.is_finished());
        let Ok((stream, _)) = accepted else {
            // Commonly there is no file descriptor left.
            if dismiss(&mut places) {
                tokio::task::yield_now().await;
            } else {
                tokio::time::sleep(PAUSE).await;
            }
            continue;
        };
        if places.len() >= PLACES && !dismiss(&mut places) {
            continue;
        }
        let has_asked = Arc::new(AtomicBool::new(false));
        let conversation = converse(stream, Arc::clone(&has_asked), answer.clone());
        places.push(Place {
            task: tokio::spawn(conversation).abort_handle(),
            has_asked,
        });
    }
}

/// Ends the connection that has been open longest without a request. Returns whether there was one.
fn dismiss(places: &mut Vec<Place>) -> bool {
    let is_idle = |place: &Place| !place.has_asked.load(Ordering::Relaxed);
    let Some(longest) = places.iter().position(is_idle) else {
        return false;
    };
    places.remove(longest).task.abort();
    true
}

async fn converse<A, F>(stream: TcpStream, has_asked: Arc<AtomicBool>, answer: A)
where
    A: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<String>>,
{
    let service = service_fn(|request| {
        has_asked.store(true, Ordering::Relaxed);
        let answer = answer(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(ASKED_WITHIN)
        .max_buf_size(MAX_HEADERS)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // Whoever breaks off, or is broken off, does not need the answer.
    drop(tokio::time::timeout(ENDED_WITHIN, connection).await);
}
