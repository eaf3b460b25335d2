//! TLS, with a certificate that is renewed while the server runs.

use std::{path::Path, sync::Arc, time::Duration};

use api::Certificate;
use base64::Engine;
use tests::App;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

use super::{port, with};

/// A new certificate for localhost, and its key.
fn new_certificate() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = made.signing_key.serialize_der();
    (
        pem("CERTIFICATE", made.cert.der()),
        pem("PRIVATE KEY", &key),
    )
}

fn pem(what: &str, der: &[u8]) -> String {
    let text = base64::prelude::BASE64_STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|at| &text[at..text.len().min(at + 64)])
        .collect();
    format!(
        "-----BEGIN {what}-----\n{}\n-----END {what}-----\n",
        lines.join("\n")
    )
}

/// Writes a new certificate, and its key; the certificate as PEM.
fn write_certificate(folder: &Path) -> String {
    let (certificate, key) = new_certificate();
    std::fs::write(folder.join("key.pem"), key).unwrap();
    std::fs::write(folder.join("chain.pem"), &certificate).unwrap();
    certificate
}

/// A request over TLS from somebody who trusts one certificate; the whole answer, or why there is none.
async fn over_tls(app: &App, trusted: &str) -> Result<String, std::io::Error> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(("127.0.0.1", port(app))).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    stream
        .write_all(b"GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_with_a_certificate_that_is_renewed_while_the_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    let first = write_certificate(folder.path());
    let (chain, key) = (
        folder.path().join("chain.pem"),
        folder.path().join("key.pem"),
    );
    let certificate = Arc::new(Certificate::open(&chain, &key).unwrap());
    let app =
        with(|settings| settings.guard.connections.certificate = Some(Arc::clone(&certificate)))
            .await;
    let answer = over_tls(&app, &first).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("live"),
        "{answer}"
    );
    assert!(
        answer.contains("strict-transport-security: max-age=31536000"),
        "{answer}"
    );
    // Nobody gets on without TLS, and the next one does.
    assert!(
        app.client()
            .get(app.url("/health/live"))
            .send()
            .await
            .is_err()
    );
    assert!(over_tls(&app, &first).await.is_ok());
    // A file that is broken, or a key of another certificate, changes nothing.
    assert!(!certificate.is_stale());
    std::fs::write(&chain, "half a cert").unwrap();
    assert!(certificate.is_stale());
    assert!(certificate.reload().unwrap_err().contains("chain.pem"));
    assert!(!certificate.is_stale(), "what is broken is looked at once");
    assert!(over_tls(&app, &first).await.is_ok());
    std::fs::write(&chain, &first).unwrap();
    std::fs::write(&key, new_certificate().1).unwrap();
    assert!(certificate.reload().is_err());
    assert!(over_tls(&app, &first).await.is_ok());
    // The renewed one counts for the next connection.
    let second = write_certificate(folder.path());
    assert!(certificate.is_stale());
    certificate.reload().unwrap();
    assert!(over_tls(&app, &first).await.is_err());
    assert!(over_tls(&app, &second).await.is_ok());
    assert!(
        Certificate::open(Path::new("/no/such.pem"), &key)
            .unwrap_err()
            .contains("/no/such.pem")
    );
}

/// What a running server does by itself: it looks at the files, and at SIGHUP whatever they look like.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_certificate_is_found_by_itself_and_at_sighup() {
    let folder = tempfile::tempdir().unwrap();
    write_certificate(folder.path());
    let (chain, key) = (
        folder.path().join("chain.pem"),
        folder.path().join("key.pem"),
    );
    let certificate = Arc::new(Certificate::open(&chain, &key).unwrap());
    let app =
        with(|settings| settings.guard.connections.certificate = Some(Arc::clone(&certificate)))
            .await;
    let served = async |trusted: String| {
        while over_tls(&app, &trusted).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let wait = Duration::from_secs(20);
    let second = write_certificate(folder.path());
    let keeping = tokio::spawn(Arc::clone(&certificate).keep_fresh());
    tokio::time::timeout(wait, served(second))
        .await
        .expect("it is found");
    // From now on the signal is heard, and so does not end this process.
    let third = write_certificate(folder.path());
    let told = std::process::Command::new("kill")
        .args(["-HUP", &std::process::id().to_string()])
        .status();
    assert!(told.unwrap().success());
    tokio::time::timeout(wait, served(third))
        .await
        .expect("it is read");
    keeping.abort();
}
