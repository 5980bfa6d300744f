//! A proxy that asks for a name and a password and notes what it is asked for.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What is to be shown: `me` and `p@ss`, and both as HTTP writes them.
const USER: &[u8] = b"me";
const PASSWORD: &[u8] = b"p@ss";
const BASIC: &str = "basic bwu6cebzcw==";

/// What it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Socks,
    Http,
}

/// A proxy that leads to a few places; where they are, it alone knows.
pub struct Proxy {
    pub address: SocketAddr,
    kind: Kind,
    places: Arc<BTreeMap<String, SocketAddr>>,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub async fn start(kind: Kind, places: &[(&str, SocketAddr)]) -> Self {
        let places = places.iter().map(|(name, at)| ((*name).to_owned(), *at)).collect();
        let (places, asked) = (Arc::new(places), Arc::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = serve(listener, kind, &places, &asked);
        Self { address, kind, places, asked, task }
    }

    /// Ends it, and all that leads through it.
    pub async fn stop(&mut self) {
        self.task.abort();
        (&mut self.task).await.ok();
    }

    /// Starts it again where it was.
    pub async fn start_again(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.task = serve(listener, self.kind, &self.places, &self.asked);
    }

    /// Returns what was asked for, as it was written.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(
    listener: TcpListener,
    kind: Kind,
    places: &Arc<BTreeMap<String, SocketAddr>>,
    asked: &Arc<Mutex<Vec<String>>>,
) -> JoinHandle<()> {
    let (places, asked) = (Arc::clone(places), Arc::clone(asked));
    tokio::spawn(async move {
        let mut open = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let (places, asked) = (Arc::clone(&places), Arc::clone(&asked));
            let find = move |what: String| {
                let place = places.get(&what).copied();
                asked.lock().unwrap().push(what);
                place
            };
            open.spawn(async move {
                match kind {
                    Kind::Socks => socks(stream, find).await,
                    Kind::Http => http(stream, find).await,
                }
            });
        }
    })
}

/// RFC 1928 and 1929.
async fn socks(
    mut stream: TcpStream,
    find: impl Fn(String) -> Option<SocketAddr>,
) -> io::Result<()> {
    let [5, methods] = read::<2>(&mut stream).await? else { return Ok(()) };
    let mut offered = vec![0; methods.into()];
    stream.read_exact(&mut offered).await?;
    if !offered.contains(&2) {
        return stream.write_all(&[5, 0xff]).await;
    }
    stream.write_all(&[5, 2]).await?;
    let [1] = read::<1>(&mut stream).await? else { return Ok(()) };
    let (user, password) = (read_text(&mut stream).await?, read_text(&mut stream).await?);
    let knows = user == USER && password == PASSWORD;
    stream.write_all(&[1, u8::from(!knows)]).await?;
    let [5, 1, 0, form] = read::<4>(&mut stream).await? else { return Ok(()) };
    let host = match form {
        1 => Ipv4Addr::from(read::<4>(&mut stream).await?).to_string(),
        3 => String::from_utf8(read_text(&mut stream).await?).unwrap(),
        _ => return stream.write_all(&[5, 8, 0, 1, 0, 0, 0, 0, 0, 0]).await,
    };
    let port = u16::from_be_bytes(read::<2>(&mut stream).await?);
    let Some(place) = find(format!("{host}:{port}")) else {
        return stream.write_all(&[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]).await;
    };
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    lead(stream, place).await
}

async fn http(
    mut stream: TcpStream,
    find: impl Fn(String) -> Option<SocketAddr>,
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.extend(read::<1>(&mut stream).await?);
    }
    let head = String::from_utf8(head).unwrap();
    let named = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
    let Some(named) = named else { return stream.write_all(b"HTTP/1.1 501 No\r\n\r\n").await };
    let shown = format!("proxy-authorization: {BASIC}");
    if !head.to_ascii_lowercase().lines().any(|line| line == shown) {
        return stream.write_all(b"HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n").await;
    }
    let Some(place) = find(named.to_owned()) else {
        return stream.write_all(b"HTTP/1.1 502 No\r\ncontent-length: 0\r\n\r\n").await;
    };
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    lead(stream, place).await
}

async fn lead(mut stream: TcpStream, place: SocketAddr) -> io::Result<()> {
    let mut there = TcpStream::connect(place).await?;
    tokio::io::copy_bidirectional(&mut stream, &mut there).await.map(drop)
}

async fn read<const N: usize>(stream: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

async fn read_text(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let [length] = read::<1>(stream).await?;
    let mut text = vec![0; length.into()];
    stream.read_exact(&mut text).await?;
    Ok(text)
}
