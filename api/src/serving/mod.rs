//! Connections: taken up to a number, and up to one for each address, by TLS where there is a certificate, each with a time for the heads of
//! its requests, and for whoever takes nothing of the answers; ended so that the last answer is read; and ended when the server stops, after
//! what is under way.

use std::{
    convert::Infallible,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::{Router, extract::ConnectInfo, http::Request};
use domain::lockout::network;
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};

use crate::{
    App,
    limit::Limit,
    places::{Place, Places},
};

mod certificate;
mod lingering;
mod patient;
mod unread;

pub use certificate::Certificate;
use lingering::{Ends, Lingering};
use patient::Patient;

/// The longest that the opening of a TLS connection may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// The most bytes of a request's head: a GET may carry a document.
const HEADS: usize = 128 * 1024;
/// The pause after a connection could not be taken: the machine has too many files open.
const BREATH: Duration = Duration::from_millis(100);

/// How connections are taken.
#[derive(Clone, Debug)]
pub struct Connections {
    /// Connections at once; more wait. Those that have become sockets are not counted.
    pub most: u32,
    /// Connections of one address at once, unless it is a named proxy; others are ended at once. Of an IPv6 address the network
    /// counts (/64).
    pub of_address: u32,
    /// The longest wait for the head of a request, on a new connection or on one that is kept.
    pub head: Duration,
    /// The longest that the other end may take nothing of what is written.
    pub write: Duration,
    /// The longest silence of an other end that is still sending what was refused.
    pub silence: Duration,
    /// The certificate, where connections are TLS.
    pub certificate: Option<Arc<Certificate>>,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            most: 4096,
            of_address: 512,
            head: Duration::from_secs(30),
            write: Duration::from_secs(30),
            silence: Duration::from_secs(2),
            certificate: None,
        }
    }
}

/// Answers on a socket until `stop` is done, and then what is under way.
///
/// # Errors
/// The socket failed.
pub async fn serve(
    listener: TcpListener,
    app: &App,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let connections = &app.parts.connections;
    let places = Arc::new(Semaphore::new(connections.most as usize));
    let limit = Limit::new("http.connections_of_address", connections.of_address);
    let of_addresses = Places::new(limit);
    let ends = Arc::new(Ends::new(connections.silence));
    let (stopping, stopped) = watch::channel(false);
    let tls = match &connections.certificate {
        Some(certificate) => Some(certificate.acceptor().map_err(io::Error::other)?),
        None => None,
    };
    let router = app.router();
    let mut stop = pin!(stop);
    loop {
        // Whoever comes when all places are taken waits in the machine's own queue.
        let taking = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, taken) = tokio::select! {
            () = &mut stop => break,
            taken = taking => taken,
        };
        let (Ok(place), Ok((stream, peer))) = (place, taken) else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        let address = peer.ip().to_canonical();
        let counted = (!app.parts.proxies.trusts(address)).then(|| network(address));
        let of_address = match counted {
            None => None,
            Some(counted) => match of_addresses.take(counted) {
                Some(place) => Some(place),
                None => {
                    of_addresses.limit().reached(app.now(), Some(address), None);
                    continue;
                }
            },
        };
        // Answers are small and whole: they wait for nothing.
        let _ = stream.set_nodelay(true);
        let serving = Serving {
            router: router.clone(),
            peer,
            head: connections.head,
            stopped: stopped.clone(),
            _places: (place, of_address),
        };
        let stream = Lingering::new(stream, counted, &ends);
        let stream = Patient::new(stream, connections.write);
        match &tls {
            None => {
                tokio::spawn(serving.serve(stream));
            }
            Some(acceptor) => {
                let opening = acceptor.accept(stream);
                tokio::spawn(async move {
                    match tokio::time::timeout(HANDSHAKE, opening).await {
                        Ok(Ok(stream)) => serving.serve(stream).await,
                        // Whoever knocks without TLS, or for nothing, is no news.
                        Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS"),
                        Err(_) => tracing::debug!(%peer, "no TLS in time"),
                    }
                });
            }
        }
    }
    drop(listener);
    drop(stopped);
    stopping.send_replace(true);
    // Every connection holds a receiver until it has ended.
    stopping.closed().await;
    ends.over().await;
    Ok(())
}

/// One connection.
struct Serving {
    router: Router,
    peer: SocketAddr,
    head: Duration,
    stopped: watch::Receiver<bool>,
    _places: (OwnedSemaphorePermit, Option<Place<IpAddr>>),
}

impl Serving {
    async fn serve(mut self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let routes = TowerToHyperService::new(self.router.clone());
        let peer = ConnectInfo(self.peer);
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            let (head, body) = request.into_parts();
            let (body, read) = unread::watch(body);
            let answering = routes.call(Request::from_parts(head, body));
            async move {
                let mut answer = answering.await?;
                read.tell(answer.headers_mut());
                Ok::<_, Infallible>(answer)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.head)
            .max_buf_size(HEADS)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        let stopping = async {
            // The server holds the other end for as long as it takes connections.
            let _ = self.stopped.wait_for(|stopped| *stopped).await;
        };
        let ended = tokio::select! {
            ended = &mut connection => ended,
            () = stopping => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(peer = %self.peer, %error, "a connection ended");
        }
    }
}
