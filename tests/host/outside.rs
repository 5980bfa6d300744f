//! The world outside of the guest: Telegram, YooKassa, and the ways there and back.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use reqwest::{Certificate, Client};
use slotbox::clock::Clock;
use slotbox::sandbox::telegram::{Chat, TelegramSim};
use slotbox::sandbox::yookassa::YooKassaSim;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use crate::guest::DOMAIN;
use crate::person::Person;

pub const MASTER: &str = "slotbox_master_bot";
pub const SALES: &str = "slotbox_sales_bot";

pub struct Outside {
    pub telegram: TelegramSim,
    pub shop: YooKassaSim,
    pub master_token: String,
    pub sales_token: String,
    /// Where the sockets lie that lead here, and back.
    pub dir: PathBuf,
    /// Where the guest's port 443 can be reached on this machine.
    https: SocketAddr,
}

impl Outside {
    pub async fn begin(dir: &Path) -> Self {
        let telegram = TelegramSim::start(Clock::system()).await.unwrap();
        let shop = YooKassaSim::start(Clock::system()).await.unwrap();
        let master_token = telegram.add_bot("Slotbox Master", MASTER);
        let sales_token = telegram.add_bot("Slotbox", SALES);
        lead_out(&dir.join("telegram.sock"), address(&telegram.url()));
        lead_out(&dir.join("yookassa.sock"), address(&shop.url()));
        let https = lead_in(dir.join("https.sock")).await;
        Self { telegram, shop, master_token, sales_token, dir: dir.to_owned(), https }
    }

    /// Returns the port of a simulator, which is the same in the guest.
    pub fn ports(&self) -> [u16; 2] {
        [address(&self.telegram.url()).port(), address(&self.shop.url()).port()]
    }

    /// Returns a client that knows the guest by its name and trusts this root alone.
    pub fn client(&self, root: &str) -> Client {
        let root = Certificate::from_pem(root.as_bytes()).unwrap();
        let client = Client::builder().no_proxy().tls_built_in_root_certs(false);
        let client = client.add_root_certificate(root).resolve(DOMAIN, self.https);
        client.timeout(std::time::Duration::from_secs(30)).build().unwrap()
    }

    /// Returns the address of a page of the guest.
    pub fn page(&self, path: &str) -> String {
        format!("https://{DOMAIN}:{}{path}", self.https.port())
    }

    /// Has the shop's notifications arrive over HTTPS, as from the internet.
    pub async fn notify(&self, client: Client) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let way = (client, self.page(""));
        let router = Router::new().fallback(pass_on).with_state(way);
        tokio::spawn(async move { axum::serve(listener, router).await });
        self.shop.notify_url(Some(format!("http://{address}/yookassa/webhook")));
    }

    pub fn person(&self, bot: &str, id: i64, name: &str) -> Person {
        Person(self.chat(bot, id, name))
    }

    fn chat(&self, bot: &str, id: i64, name: &str) -> Chat {
        self.telegram.chat(bot, &self.telegram.person_with_id(id, name))
    }
}

/// Passes a notification on to the guest; what the guest answers is the answer.
async fn pass_on(
    State((client, base)): State<(Client, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let mut post = client.post(format!("{base}{}", uri.path())).body(body);
    if let Some(kind) = headers.get("content-type") {
        post = post.header("content-type", kind);
    }
    post.send().await.map_or(StatusCode::BAD_GATEWAY, |answer| answer.status())
}

fn address(url: &str) -> SocketAddr {
    url.split('/').nth(2).unwrap().parse().unwrap()
}

/// Has a socket in the shared directory lead to a server of this machine.
fn lead_out(path: &Path, to: SocketAddr) {
    let listener = UnixListener::bind(path).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666)).unwrap();
    tokio::spawn(async move {
        while let Ok((mut inside, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut outside = TcpStream::connect(to).await?;
                copy_bidirectional(&mut inside, &mut outside).await
            });
        }
    });
}

/// Returns an address of this machine that leads to a socket in the shared directory.
async fn lead_in(path: PathBuf) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut outside, _)) = listener.accept().await {
            let path = path.clone();
            tokio::spawn(async move {
                let mut inside = UnixStream::connect(path).await?;
                copy_bidirectional(&mut outside, &mut inside).await
            });
        }
    });
    address
}
