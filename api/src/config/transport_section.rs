//! `[http]`: how connections are taken, from whose pages, and which proxies are believed.

use std::{path::Path, sync::Arc};

use super::Given;
use crate::{Certificate, Connections, Origins, Requests, SocketRules, TrustedProxies};

/// The origins whose pages may ask.
pub(super) fn origins(given: &mut Given) -> Origins {
    let text = given.take("http", "origins").unwrap_or_default();
    Origins::parse(&text).unwrap_or_else(|wrong| given.problem(format!("http.origins: {wrong}")))
}

/// The proxies that are believed about where a request came from.
pub(super) fn trusted_proxies(given: &mut Given) -> TrustedProxies {
    let text = given.take("http", "trusted_proxies").unwrap_or_default();
    TrustedProxies::parse(&text)
        .unwrap_or_else(|wrong| given.problem(format!("http.trusted_proxies: {wrong}")))
}

/// How connections are taken. The certificate is read here, so that what is wrong with it is known at start.
pub(super) fn connections(given: &mut Given) -> Connections {
    let default = Connections::default();
    let files = (
        given.take("http", "certificate_file"),
        given.take("http", "key_file"),
    );
    let certificate = match files {
        (None, None) => None,
        (Some(chain), Some(key)) => match Certificate::open(Path::new(&chain), Path::new(&key)) {
            Ok(certificate) => Some(Arc::new(certificate)),
            Err(wrong) => given.problem(format!("http.certificate_file, http.key_file: {wrong}")),
        },
        _ => given.problem(
            "http.certificate_file and http.key_file are given both, or neither".to_owned(),
        ),
    };
    let most = given.within("http", "connections", default.most, 16..=65_536);
    let eighth = (most / 8).max(1);
    Connections {
        most,
        of_address: given.within("http", "connections_of_address", eighth, 1..=65_536),
        head: given.seconds("http", "head_seconds", default.head.as_secs()),
        write: given.seconds("http", "write_seconds", default.write.as_secs()),
        silence: default.silence,
        certificate,
    }
}

/// Requests that are read and run at once.
pub(super) fn requests(given: &mut Given) -> Requests {
    Requests(given.within("http", "requests", Requests::default().0, 1..=65_536))
}

/// How many sockets there may be.
pub(super) fn sockets(given: &mut Given) -> SocketRules {
    let default = SocketRules::default();
    let mut number = |key: &str, default: u32| given.within("http", key, default, 1..=65_536);
    SocketRules {
        most: number("sockets", default.most),
        of_address: number("sockets_of_address", default.of_address),
        of_user: number("sockets_of_user", default.of_user),
        subscriptions_of_user: number("subscriptions_of_user", default.subscriptions_of_user),
        ..default
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn what_is_wrong_is_known_at_start() {
        let parse = |text: &str| {
            let config = Config::parse(&format!("[http]\n{text}"), []);
            config
                .map(|config| config.http)
                .map_err(|wrong| wrong.join("\n"))
        };
        let http = parse("").unwrap();
        assert_eq!(http.origins, Origins::default());
        assert!(http.connections.certificate.is_none());
        assert_eq!(
            (http.connections.most, http.connections.of_address),
            (4096, 512)
        );
        assert_eq!(http.requests.0, 512);
        let sockets = |http: &crate::config::Http| {
            let rules = http.sockets;
            [
                rules.most,
                rules.of_address,
                rules.of_user,
                rules.subscriptions_of_user,
            ]
        };
        assert_eq!(sockets(&http), [10_000, 1250, 20, 50]);
        let http = parse("connections = 80\nsockets = 4\nsockets_of_address = 3\nsockets_of_user = 2\nsubscriptions_of_user = 1").unwrap();
        assert_eq!(http.connections.of_address, 10);
        assert_eq!(sockets(&http), [4, 3, 2, 1]);
        assert!(parse("origins = [\"https://a.example\", \"http://localhost:5173\"]").is_ok());
        for (text, part) in [
            ("origins = \"*\"", "http.origins: * is no origin"),
            ("certificate_file = \"/a.pem\"", "both, or neither"),
            ("key_file = \"/a.pem\"", "both, or neither"),
            (
                "certificate_file = \"/no/a.pem\"\nkey_file = \"/no/b.pem\"",
                "/no/a.pem",
            ),
            ("connections = 1", "http.connections must be 16 to"),
            ("head_seconds = 0", "http.head_seconds"),
            ("write_seconds = 0", "http.write_seconds"),
            ("connections_of_address = 0", "http.connections_of_address"),
            ("requests = 0", "http.requests must be"),
            ("sockets_of_user = 0", "http.sockets_of_user must be"),
        ] {
            let wrong = parse(text).unwrap_err();
            assert!(wrong.contains(part), "{text}: {wrong}");
        }
    }
}
