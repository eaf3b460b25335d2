//! From where a request came: the address of the socket, or behind trusted proxies the one that they tell of.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request},
    http::{Extensions, HeaderMap, request::Parts},
};
use ipnet::IpNet;

/// The proxies that are believed: none unless the configuration names them.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Reads addresses and networks, separated by commas: `10.0.0.7, 10.1.0.0/16, fd00::/8`.
    ///
    /// # Errors
    /// What is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.split([',', ' ', '[', ']', '"', '\''])
            .filter(|word| !word.is_empty())
            .map(|word| {
                let network = word.parse::<IpNet>();
                let address = word.parse::<IpAddr>().map(|one| one.to_canonical().into());
                network
                    .or(address)
                    .map_err(|_| format!("{word} is no address, and no network such as 10.0.0.0/8"))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The peer of a request that tells of another address and is no trusted proxy: a proxy that was not named, or somebody who pretends.
    pub(crate) fn unnamed(&self, request: &Request) -> Option<IpAddr> {
        let told = request.headers().contains_key("x-forwarded-for");
        peer(request.extensions()).filter(|peer| told && !self.trusts(*peer))
    }

    /// Whether an address is one of theirs.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client's address; none where the server does not know its sockets.
    pub(crate) fn client(&self, head: &Parts) -> Option<IpAddr> {
        Some(self.behind(peer(&head.extensions)?, &head.headers))
    }

    /// The same, of a request that is still whole.
    pub(crate) fn client_of(&self, request: &Request) -> Option<IpAddr> {
        Some(self.behind(peer(request.extensions())?, request.headers()))
    }

    /// Whether a trusted proxy says that the client came to it by TLS.
    pub(crate) fn tells_of_tls(&self, request: &Request) -> bool {
        self.hears(request.extensions())
            && request
                .headers()
                .get("x-forwarded-proto")
                .is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"))
    }

    /// Whether a request came from a trusted proxy.
    pub(crate) fn hears(&self, extensions: &Extensions) -> bool {
        peer(extensions).is_some_and(|peer| self.trusts(peer))
    }

    /// Each proxy adds at the right whom it heard. So the way goes from right to left, for as long as it is a trusted one
    /// that speaks; whatever stands further left anybody may have written.
    fn behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut heard: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .flat_map(|value| value.to_str().unwrap_or("?").split(','))
            .collect();
        let mut client = peer;
        while self.trusts(client)
            && let Some(before) = heard.pop().and_then(address)
        {
            client = before;
        }
        client
    }
}

/// The other end of the socket.
fn peer(extensions: &Extensions) -> Option<IpAddr> {
    let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(peer.ip().to_canonical())
}

/// An address, perhaps with a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().map(|socket| socket.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let address = text.parse().or_else(|_| with_port()).ok();
    address
        .or_else(bracketed)
        .map(|one: IpAddr| one.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn behind(trusted: &str, peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_str(value).unwrap());
        }
        let trusted = TrustedProxies::parse(trusted).unwrap();
        trusted.behind(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_only_about_whom_they_heard() {
        for (trusted, peer, forwarded, expected) in [
            ("", "9.9.9.9", vec!["1.1.1.1"], "9.9.9.9"),
            ("10.0.0.0/8", "9.9.9.9", vec!["1.1.1.1"], "9.9.9.9"),
            ("10.0.0.0/8", "10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.0/8", "10.0.0.1", vec!["1.1.1.1"], "1.1.1.1"),
            // What a client wrote itself stands further left.
            (
                "10.0.0.0/8",
                "10.0.0.1",
                vec!["6.6.6.6, 1.1.1.1"],
                "1.1.1.1",
            ),
            (
                "10.0.0.0/8",
                "10.0.0.1",
                vec!["6.6.6.6", "1.1.1.1"],
                "1.1.1.1",
            ),
            (
                "10.0.0.0/8",
                "10.0.0.1",
                vec!["6.6.6.6, 1.1.1.1, 10.0.0.2"],
                "1.1.1.1",
            ),
            (
                "[\"10.0.0.1\", \"::1\"]",
                "::1",
                vec!["1.1.1.1,10.0.0.1"],
                "1.1.1.1",
            ),
            ("10.0.0.1", "10.0.0.1", vec!["10.0.0.9"], "10.0.0.9"),
            // All the way through trusted ones: the first of them.
            (
                "10.0.0.0/8",
                "10.0.0.1",
                vec!["10.0.0.3, 10.0.0.2"],
                "10.0.0.3",
            ),
            // Nothing to read: the proxy that said it.
            (
                "10.0.0.0/8",
                "10.0.0.1",
                vec!["1.1.1.1, unknown"],
                "10.0.0.1",
            ),
            ("10.0.0.0/8", "10.0.0.1", vec!["1.1.1.1, "], "10.0.0.1"),
            ("10.0.0.0/8", "10.0.0.1", vec!["1.1.1.1:4711"], "1.1.1.1"),
            (
                "10.0.0.0/8",
                "10.0.0.1",
                vec!["[2001:db8::1]:4711"],
                "2001:db8::1",
            ),
            (
                "10.0.0.0/8",
                "10.0.0.1",
                vec!["[2001:db8::1]"],
                "2001:db8::1",
            ),
            ("10.0.0.0/8", "10.0.0.1", vec!["::ffff:1.1.1.1"], "1.1.1.1"),
        ] {
            assert_eq!(
                behind(trusted, peer, &forwarded),
                expected,
                "{trusted} {peer} {forwarded:?}"
            );
        }
        assert!(TrustedProxies::parse("10.0.0.0/8, proxy.example").is_err());
    }

    #[test]
    fn who_tells_of_another_address_and_is_no_trusted_proxy_is_noticed() {
        let request = |peer: &str, forwarded: bool| {
            let peer: SocketAddr = peer.parse().unwrap();
            let mut request = Request::new(axum::body::Body::empty());
            request.extensions_mut().insert(ConnectInfo(peer));
            if forwarded {
                let value = HeaderValue::from_static("1.1.1.1");
                request.headers_mut().insert("x-forwarded-for", value);
            }
            request
        };
        let trusted = TrustedProxies::parse("10.0.0.1").unwrap();
        for (peer, forwarded, expected) in [
            ("10.0.0.2:1", true, Some("10.0.0.2")),
            ("10.0.0.2:1", false, None),
            ("10.0.0.1:1", true, None),
            ("[::ffff:10.0.0.1]:1", true, None),
        ] {
            let found = trusted.unnamed(&request(peer, forwarded));
            assert_eq!(found, expected.map(|it| it.parse().unwrap()), "{peer}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_stranger_sends_the_address_is_the_sockets(forwarded in "[ -~]{0,60}") {
            prop_assert_eq!(behind("10.0.0.0/8", "9.9.9.9", &[&forwarded]), "9.9.9.9");
            let believed = behind("10.0.0.0/8", "10.0.0.1", &[&format!("{forwarded},1.2.3.4")]);
            prop_assert_eq!(believed, "1.2.3.4");
        }
    }
}
