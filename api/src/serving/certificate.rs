//! The server's certificate and key, from files that may be renewed while it runs.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(60);

/// A certificate chain and its key, as PEM files.
pub struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
    /// When the files that were read last had been written, good or not.
    seen: Mutex<Written>,
    provider: Arc<CryptoProvider>,
}

/// When the two files were written.
type Written = [Option<SystemTime>; 2];

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("chain", &self.chain)
            .finish_non_exhaustive()
    }
}

impl Certificate {
    /// Reads a certificate with its chain, and its key.
    ///
    /// # Errors
    /// What is wrong with which file.
    pub fn open(chain: &Path, key: &Path) -> Result<Self, String> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let seen = written(chain, key);
        let current = read(chain, key, &provider)?;
        Ok(Self {
            chain: chain.to_owned(),
            key: key.to_owned(),
            current: RwLock::new(Arc::new(current)),
            seen: Mutex::new(seen),
            provider,
        })
    }

    /// Reads the files anew. What is broken changes nothing.
    ///
    /// # Errors
    /// What is wrong with which file.
    pub fn reload(&self) -> Result<(), String> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = written(&self.chain, &self.key);
        let fresh = Arc::new(read(&self.chain, &self.key, &self.provider)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Whether the files have been written since they were read last.
    pub fn is_stale(&self) -> bool {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) != written(&self.chain, &self.key)
    }

    /// Reads the files anew at every SIGHUP, and within a minute after they were written.
    pub async fn keep_fresh(self: Arc<Self>) {
        // Without the signal the clock is left.
        let mut hangups = signal(SignalKind::hangup()).ok();
        let mut tick = tokio::time::interval(LOOK);
        loop {
            let hangup = async {
                match &mut hangups {
                    Some(signal) => {
                        signal.recv().await;
                    }
                    None => std::future::pending().await,
                }
            };
            let told = tokio::select! {
                () = hangup => true,
                _ = tick.tick() => false,
            };
            if !(told || self.is_stale()) {
                continue;
            }
            match self.reload() {
                Ok(()) => tracing::info!("the certificate was read anew"),
                Err(wrong) => {
                    tracing::error!(
                        wrong,
                        "the certificate cannot be read anew: the old one stays"
                    );
                }
            }
        }
    }

    /// What opens TLS connections, with the newest certificate each: TLS 1.3 and 1.2.
    pub(super) fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, rustls::Error> {
        let builder = ServerConfig::builder_with_provider(Arc::clone(&self.provider));
        let resolver = Arc::new(Newest(Arc::clone(self)));
        let mut config = builder
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// Gives every new connection the certificate that was read last.
#[derive(Debug)]
struct Newest(Arc<Certificate>);

impl ResolvesServerCert for Newest {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.0.current.read();
        Some(Arc::clone(&current.unwrap_or_else(PoisonError::into_inner)))
    }
}

fn read(chain: &Path, key: &Path, provider: &CryptoProvider) -> Result<CertifiedKey, String> {
    let wrong = |path: &Path, why: &dyn fmt::Display| format!("{}: {why}", path.display());
    let certificates: Vec<_> = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect)
        .map_err(|error| wrong(chain, &error))?;
    if certificates.is_empty() {
        return Err(wrong(chain, &"no certificate in it"));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
    // The key's own file is not to blame when it belongs to another certificate.
    CertifiedKey::from_der(certificates, private, provider).map_err(|error| wrong(chain, &error))
}

fn written(chain: &Path, key: &Path) -> Written {
    let of = |path: &Path| {
        std::fs::metadata(path)
            .and_then(|file| file.modified())
            .ok()
    };
    [of(chain), of(key)]
}
