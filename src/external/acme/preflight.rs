//! What can be seen from here of whether the authority will find us.

use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

const WITHIN: Duration = Duration::from_secs(4);

/// Returns what looks wrong with `domain` from here. It is no proof: the view from outside may be
/// another one, so nothing but advice follows from it.
pub async fn preflight(domain: &str, port: u16) -> Option<String> {
    let found = match timeout(WITHIN, lookup_host((domain, port))).await {
        Ok(Ok(found)) => found.collect::<Vec<_>>(),
        Ok(Err(err)) => return Some(format!("the name {domain} is not known here: {err}")),
        Err(_) => return Some(format!("no name server tells of {domain} in time")),
    };
    for address in &found {
        if !matches!(timeout(WITHIN, TcpStream::connect(address)).await, Ok(Ok(_))) {
            return Some(format!("{domain} is {address}, and nothing answers there from here"));
        }
    }
    None
}
