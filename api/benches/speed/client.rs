//! A client that costs little: one kept-alive connection, one request at a time, no more HTTP than that needs.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// A request, ready to be sent as often as needed.
#[derive(Clone)]
pub struct Prepared(Vec<u8>);

impl Prepared {
    /// A POST with a JSON body.
    pub fn post(path: &str, token: Option<&str>, body: &Value) -> Self {
        let body = body.to_string();
        let authorization = token.map_or_else(String::new, |token| {
            format!("authorization: Bearer {token}\r\n")
        });
        Self(
            format!(
                "POST {path} HTTP/1.1\r\nhost: localhost\r\naccept: application/graphql-response+json\r\n\
                 accept-language: zh-CN\r\ncontent-type: application/json\r\n{authorization}content-length: {}\r\n\r\n{body}",
                body.len()
            )
            .into_bytes(),
        )
    }

    /// A GET.
    pub fn get(path: &str) -> Self {
        Self(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").into_bytes())
    }
}

/// A connection.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What came back.
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    head: &'a str,
    /// The body as it came.
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(self.head, name)
    }

    /// The body.
    pub fn json(&self) -> Value {
        serde_json::from_slice(self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(self.body)))
    }
}

impl Client {
    /// Connects; none when nobody listens.
    pub fn connect(address: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5)).ok()?;
        stream.set_nodelay(true).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
        Some(Self {
            stream,
            buffer: vec![0; 64 * 1024],
        })
    }

    /// Sends a request and waits for its answer.
    pub fn ask(&mut self, request: &Prepared) -> Answer<'_> {
        self.stream.write_all(&request.0).expect("a request sent");
        let mut filled = 0;
        let mut answer = None;
        loop {
            if answer.is_none()
                && let Some(end) = find(&self.buffer[..filled], b"\r\n\r\n")
            {
                let head = std::str::from_utf8(&self.buffer[..end]).expect("a head");
                let length = header(head, "content-length").expect("the body's length");
                answer = Some((end, end + 4 + length.parse::<usize>().expect("a length")));
            }
            if let Some((end, total)) = answer
                && filled >= total
            {
                let head = std::str::from_utf8(&self.buffer[..end]).expect("a head");
                return Answer {
                    status: head[9..12].parse().expect("a status"),
                    head,
                    body: &self.buffer[end + 4..total],
                };
            }
            if filled == self.buffer.len() {
                self.buffer.resize(filled * 2, 0);
            }
            let read = self.stream.read(&mut self.buffer[filled..]);
            let read = read.expect("an answer");
            assert!(read > 0, "the server hung up");
            filled += read;
        }
    }
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|part| part == pattern)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
