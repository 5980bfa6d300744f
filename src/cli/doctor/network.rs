//! The name, the ports, the clock, Telegram and YooKassa.

use std::fs;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::finding::Finding;
use crate::app::parts;
use crate::clock::Clock;
use crate::config::{Config, Tls};
use crate::external::telegram::{CheckError, Telegram};
use crate::external::yookassa::YooKassaError;
use crate::metrics::BotRole;

const WITHIN: Duration = Duration::from_secs(4);
/// How far the clock may be off: certificates and reminders bear it.
const WARN_SKEW: SignedDuration = SignedDuration::from_secs(10);
const FAIL_SKEW: SignedDuration = SignedDuration::from_mins(2);

/// Checks what lies between this host and the world.
pub(super) async fn check(config: &Config, root: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    match &config.server.domain {
        None => findings.push(Finding::skipped("dns", "there is no public name (server.domain)")),
        Some(domain) => findings.push(dns(domain).await),
    }
    findings.push(ports(config, root).await);
    findings.extend(telegram(config).await);
    findings.push(yookassa(config).await);
    findings
}

async fn dns(domain: &str) -> Finding {
    const CHECK: &str = "dns";
    let cure = format!("make an A record of {domain} with this host's address; then: dig {domain}");
    let found = match timeout(WITHIN, lookup_host((domain, 443))).await {
        Ok(Ok(found)) => found.map(|it| it.ip()).collect::<Vec<_>>(),
        Ok(Err(err)) => {
            return Finding::fail(CHECK, format!("{domain} does not resolve: {err}"), cure);
        }
        Err(_) => {
            return Finding::fail(CHECK, format!("no name server tells of {domain} in time"), cure);
        }
    };
    let shown: Vec<_> = found.iter().map(IpAddr::to_string).collect();
    let shown = shown.join(", ");
    if found.iter().all(|address| is_of_this_host(*address)) && !found.is_empty() {
        return Finding::ok(CHECK, format!("{domain} is {shown}, of this host"));
    }
    let seen = format!("{domain} is {shown}, which no interface here has (right behind NAT only)");
    Finding::warn(CHECK, seen, cure)
}

/// Tells whether an interface has the address: only then a socket can be bound to it.
fn is_of_this_host(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

async fn ports(config: &Config, root: &Path) -> Finding {
    const CHECK: &str = "ports";
    if matches!(config.tls, Tls::Off) {
        return Finding::skipped(CHECK, "HTTPS is off here (tls.mode): a server in front has them");
    }
    let Some(listening) = listening(root) else {
        return Finding::skipped(CHECK, "the system does not tell which ports are open");
    };
    let cure = "systemctl stop slotbox; systemctl start slotbox-https.socket slotbox-http.socket \
                slotbox; who has the port: ss -ltnp";
    let wanted = |list: &[SocketAddr]| list.iter().map(SocketAddr::port).collect::<Vec<_>>();
    let ports = [wanted(&config.server.https_listen), wanted(&config.server.http_listen)].concat();
    let closed: Vec<_> = ports.iter().filter(|port| !listening.contains(port)).collect();
    if !closed.is_empty() {
        return Finding::fail(CHECK, format!("nobody listens on {closed:?}"), cure);
    }
    let Some(domain) = &config.server.domain else {
        return Finding::ok(CHECK, format!("{ports:?} are open here"));
    };
    for port in &ports {
        let reached = timeout(WITHIN, TcpStream::connect((domain.as_str(), *port))).await;
        if !matches!(reached, Ok(Ok(_))) {
            let seen = format!(
                "{ports:?} are open here, and {domain}:{port} cannot be reached from here (from \
                 outside it may)"
            );
            return Finding::warn(CHECK, seen, "look at the firewall and the provider's rules");
        }
    }
    Finding::ok(CHECK, format!("{ports:?} answer at {domain}; from outside it was not tried"))
}

/// Returns the TCP ports that somebody listens on.
fn listening(root: &Path) -> Option<Vec<u16>> {
    let tables = ["proc/net/tcp", "proc/net/tcp6"].map(|path| fs::read_to_string(root.join(path)));
    let tables: Vec<_> = tables.into_iter().filter_map(Result::ok).collect();
    (!tables.is_empty()).then(|| tables.iter().flat_map(|it| ports_of(it)).collect())
}

fn ports_of(table: &str) -> Vec<u16> {
    /// The state of a socket that listens.
    const LISTEN: &str = "0A";
    let port = |line: &str| {
        let mut words = line.split_whitespace();
        let (local, state) = (words.nth(1)?, words.nth(1)?);
        let (_, port) = local.rsplit_once(':')?;
        (state == LISTEN).then(|| u16::from_str_radix(port, 16).ok()).flatten()
    };
    table.lines().skip(1).filter_map(port).collect()
}

async fn telegram(config: &Config) -> Vec<Finding> {
    const CHECK: &str = "telegram";
    let its = &config.telegram;
    let cure = "look at the network; if the provider blocks Telegram, set telegram.proxy: slotbox \
                setup --proxy-file FILE";
    let telegram = match parts::telegram(config) {
        Ok(telegram) => telegram,
        Err(err) => return vec![Finding::fail(CHECK, format!("{err:#}"), "slotbox config check")],
    };
    let mut findings = Vec::new();
    let date = telegram.date().await;
    match &date {
        Ok(theirs) => {
            findings.push(Finding::ok(CHECK, "Telegram answers"));
            findings.push(skew(Clock::system().now(), *theirs));
        }
        Err(err) => {
            findings.push(Finding::fail(CHECK, format!("Telegram cannot be reached: {err}"), cure));
            findings.push(Finding::skipped("clock", "Telegram does not tell its time"));
        }
    }
    findings.push(proxy(config, date.is_ok()).await);
    let bots = [
        ("master-bot", BotRole::Master, &its.master_token),
        ("sales-bot", BotRole::Sales, &its.sales_token),
    ];
    for (check, role, token) in bots {
        findings.push(match token {
            None => Finding::skipped(check, "no token is set"),
            Some(_) if date.is_err() => Finding::skipped(check, "Telegram cannot be reached"),
            Some(token) => match telegram.check(role, token).await {
                Ok(bot) => Finding::ok(check, format!("@{}", bot.username)),
                Err(err @ (CheckError::Unauthorized | CheckError::Mismatch)) => Finding::fail(
                    check,
                    err.to_string(),
                    "get a new token from @BotFather; then: slotbox setup",
                ),
                Err(err @ CheckError::Unreachable(_)) => {
                    Finding::warn(check, err.to_string(), cure)
                }
            },
        });
    }
    findings
}

/// Compares the clocks.
fn skew(ours: Timestamp, theirs: Timestamp) -> Finding {
    const CHECK: &str = "clock";
    let off = ours.duration_since(theirs).abs();
    let seen = format!("{} s off Telegram's", off.as_secs());
    let cure = "timedatectl set-ntp true";
    if off > FAIL_SKEW {
        Finding::fail(CHECK, seen, cure)
    } else if off > WARN_SKEW {
        Finding::warn(CHECK, seen, cure)
    } else {
        Finding::ok(CHECK, seen)
    }
}

/// Tells whether a proxy is needed, and whether the one that is set works.
async fn proxy(config: &Config, reached: bool) -> Finding {
    const CHECK: &str = "proxy";
    let its = &config.telegram;
    if its.proxy.is_none() {
        return if reached {
            Finding::ok(CHECK, "none is needed")
        } else {
            let seen = "none is set, and Telegram cannot be reached without one";
            Finding::fail(CHECK, seen, "slotbox setup --proxy-file FILE")
        };
    }
    let straight = match Telegram::new(&its.api_url, None) {
        Ok(telegram) => telegram.date().await.is_ok(),
        Err(_) => false,
    };
    match (reached, straight) {
        (true, true) => Finding::ok(CHECK, "it works; Telegram answers without it too"),
        (true, false) => Finding::ok(CHECK, "it works, and it is needed"),
        (false, true) => Finding::fail(
            CHECK,
            "it does not work, and Telegram answers without it",
            "remove the credential telegram.proxy, or set another: slotbox setup --proxy-file FILE",
        ),
        (false, false) => {
            Finding::fail(CHECK, "it does not work", "slotbox setup --proxy-file FILE")
        }
    }
}

async fn yookassa(config: &Config) -> Finding {
    const CHECK: &str = "yookassa";
    let till = match parts::till(config) {
        Ok(Some(till)) => till,
        Ok(None) => return Finding::skipped(CHECK, "no shop is set"),
        Err(err) => return Finding::fail(CHECK, format!("{err:#}"), "slotbox config check"),
    };
    let money = if till.shop.test { "play money" } else { "real money" };
    let told = format!("shop {}, {money}", till.shop.account);
    match till.yookassa.me().await {
        Ok(me) if me.enabled == Some(false) => Finding::fail(
            CHECK,
            format!("{told}: the shop takes no payments"),
            "look into the shop's cabinet at YooKassa",
        ),
        Ok(me) if me.test.is_some_and(|test| test != till.shop.test) => Finding::fail(
            CHECK,
            format!("{told}, and YooKassa says the opposite"),
            "set the key of the right shop: slotbox setup --shop-key-file FILE",
        ),
        Ok(me) if me.receipts_required == Some(true) && config.yookassa.receipt.is_none() => {
            Finding::warn(
                CHECK,
                format!("{told}: YooKassa wants receipts, and none are sent"),
                "set yookassa.receipt.enabled = true and its codes",
            )
        }
        Ok(_) => Finding::ok(CHECK, told),
        Err(YooKassaError::NotFound | YooKassaError::Rejected { .. }) => {
            Finding::ok(CHECK, format!("{told}; it tells nothing of itself"))
        }
        Err(err @ YooKassaError::Unauthorized) => Finding::fail(
            CHECK,
            err.to_string(),
            "set both from the shop's cabinet: slotbox setup --shop ID --shop-key-file FILE",
        ),
        Err(
            err @ (YooKassaError::Later { .. }
            | YooKassaError::OutcomeUnknown(_)
            | YooKassaError::Malformed(_)),
        ) => Finding::fail(CHECK, format!("it cannot be asked: {err}"), "look at the network"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Verdict;
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_told() {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let verdict = |seconds| skew(now, now + SignedDuration::from_secs(seconds)).verdict;
        assert_eq!(
            [verdict(-10), verdict(11), verdict(-120)],
            [Verdict::Ok, Verdict::Warn, Verdict::Warn]
        );
        assert_eq!([verdict(121), verdict(-86_400)], [Verdict::Fail, Verdict::Fail]);
    }

    #[tokio::test]
    async fn a_name_is_looked_up_and_compared_with_this_host() {
        assert_eq!(dns("localhost").await.verdict, Verdict::Ok);
        assert_eq!(dns("nobody.invalid").await.verdict, Verdict::Fail);
        let elsewhere = dns("192.0.2.1").await;
        assert_eq!(elsewhere.verdict, Verdict::Warn);
        assert!(elsewhere.evidence.contains("192.0.2.1, which no interface here has"));
        assert!(!is_of_this_host("192.0.2.1".parse().unwrap()));
    }

    #[test]
    fn ports_are_read_as_the_kernel_tells_them() {
        let table = "  sl  local_address rem_address   st\n\
            0: 00000000:01BB 00000000:0000 0A 00000000:00000000\n\
            1: 0100007F:0050 0100007F:9999 01 00000000:00000000\n";
        assert_eq!(ports_of(table), [443]);
    }
}
